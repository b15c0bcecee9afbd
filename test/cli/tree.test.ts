import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { tryLockFile } from '../../src/runtime/file-lock.ts';
import { bytesOf } from '../support/small-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const scree = resolve('scree');

type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A source folder, a state folder, and `scree tree` on both. */
async function setUp(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'source');
  const state = join(folder, 'state');
  await mkdir(join(source, 'pool'), { recursive: true });
  await writeFile(join(source, 'Release'), 'Suite: stable\n');
  await writeFile(join(source, 'pool', 'a+b 1.deb'), bytesOf('deb', 200_000));
  const tree = (...args: readonly string[]) => run(start('tree', ...args, '--state', state));
  const startAdd = () => start('tree', 'add', 'lab', source, '--state', state);
  return { folder, source, state, tree, startAdd };
}

function start(...args: readonly string[]): ChildProcess {
  return spawn(scree, args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function run(child: ChildProcess): Promise<Run> {
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
    });
  }
  const [code] = await once(child, 'close');
  return { code, ...texts };
}

test('a tree is added, listed, shown, verified and removed', async (t) => {
  const { tree, source } = await setUp(t);
  const added = await tree('add', 'lab', source);
  t.is(added.stderr, '');
  t.regex(added.stdout, /^lab generation 1: 2 files, 195\.3 KiB, infohash [0-9a-f]{40}\nhashed/);
  t.regex((await tree('add', 'lab', source)).stdout, /^lab is unchanged, generation 1/);
  const listed = await tree('list');
  t.regex(listed.stdout, /^TREE +GENERATIONS +FILES +SIZE +ADDED +FROM\nlab +1 +2 +195\.3 KiB/);
  const shown = await tree('show', 'lab');
  t.regex(shown.stdout, /lab generation 1\n {2}files +2, 195\.3 KiB; 0 links\n/);
  t.regex((await tree('verify', 'lab')).stdout, /is as it was hashed and signed/);
  t.is((await tree('remove', 'lab')).stdout, 'removed lab, generation 1\n');
  t.regex((await tree('list')).stdout, /^no trees yet/);
});

test('every answer can be had in JSON', async (t) => {
  const { tree, source } = await setUp(t);
  const answer = async (...args: readonly string[]) =>
    JSON.parse((await tree(...args, '--json')).stdout);
  const added = await answer('add', 'lab', source);
  t.like(added, { tree: 'lab', generation: 1, isNew: true, fileCount: 2, totalBytes: 200_014 });
  t.like((await answer('list'))[0], { tree: 'lab', generations: [1] });
  const shown = await answer('show', 'lab');
  t.like(shown.generations[0], { generation: 1, infohash: added.infohash, keep: 'link' });
  t.like(await answer('verify', 'lab'), { generation: 1, problems: [] });
  t.like(await answer('remove', 'lab', '-g', '1'), { tree: 'lab', generations: [1] });
});

test('a configuration names the state folder', async (t) => {
  const { folder, source } = await setUp(t);
  const config = join(folder, 'scree.yaml');
  await writeFile(config, 'state: elsewhere\n');
  const added = await run(start('tree', 'add', 'lab', source, '-c', config));
  t.is(added.code, 0);
  t.deepEqual(await readdir(join(folder, 'elsewhere', 'trees')), ['lab']);
});

test('a tree that differs is named file by file, with exit code 1', async (t) => {
  const { tree, source } = await setUp(t);
  await tree('add', 'lab', source, '--keep', 'none');
  await writeFile(join(source, 'Release'), 'Suite: wrong!\n');
  const verified = await tree('verify', 'lab');
  t.is(verified.code, 1);
  t.is(verified.stdout, '');
  t.regex(verified.stderr, /^lab generation 1 differs:\n {2}'Release': its content is another\n$/);
});

test('what is left out is a warning; a mistake is one line and its exit code', async (t) => {
  const { tree, source } = await setUp(t);
  await symlink('/etc/passwd', join(source, 'out'));
  const added = await tree('add', 'lab', source);
  t.is(added.code, 0);
  t.regex(added.stderr, /^scree: warning: left out 'out': symbolic link to '\/etc\/passwd': .*\n$/);
  const missing = await tree('add', 'lab', join(source, 'nowhere'));
  t.is(missing.code, 1);
  t.regex(missing.stderr, /^scree: expected a folder or an ISO image at .*\n$/);
  t.is((await tree('show', 'nothing')).code, 1);
  t.is((await tree('add', 'lab')).code, 2);
  t.is((await tree('add', 'lab', source, '--keep', 'all')).code, 2);
  t.is((await tree('verify', 'lab', '-g', 'first')).code, 2);
});

test('a frontend that runs is told of each change; one that refuses is a warning', async (t) => {
  const { tree, source, state } = await setUp(t);
  await mkdir(state);
  const requests: string[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.writeHead(status).end('{}');
  });
  server.listen(join(state, 'scree.sock'));
  await once(server, 'listening');
  t.teardown(() => void server.close());
  t.is((await tree('add', 'lab', source)).stderr, '');
  status = 500;
  const removed = await tree('remove', 'lab');
  t.is(removed.code, 0);
  t.regex(removed.stderr, /warning: expected the running frontend to take it in/);
  t.deepEqual(requests, Array(2).fill('POST /api/v1/trees/reload'));
});

/** Enough to be busy for a while, on the disk of no one. */
async function makeLarge(source: string): Promise<void> {
  for (let at = 0; at < 800; at += 1) await writeFile(join(source, `f${at}`), `content ${at}`);
  await writeFile(join(source, 'large'), '');
  await truncate(join(source, 'large'), 600_000_000);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} stops an add, which leaves nothing behind`, async (t) => {
    const { source, state, startAdd } = await setUp(t);
    await makeLarge(source);
    const child = startAdd();
    const ended = run(child);
    while (!existsSync(join(state, 'trees', '.lab.lock'))) await delay(5);
    child.kill(signal);
    const { code, stderr } = await ended;
    t.is(code, 1);
    t.is(stderr, `scree: stopped by ${signal}; nothing was changed\n`);
    t.deepEqual(await readdir(join(state, 'trees')), []);
  });
}

test('an add that is killed at any instant leaves all or nothing, and the next one works', async (t) => {
  const { source, state, startAdd, tree } = await setUp(t);
  for (let at = 0; at < 1500; at += 1) await writeFile(join(source, `f${at}`), `content ${at}`);
  const whole = await run(startAdd());
  t.is(whole.code, 0);
  await tree('remove', 'lab');
  for (let round = 0; round < 12; round += 1) {
    const lock = join(state, 'trees', '.lab.lock');
    await rm(lock, { force: true });
    const child = startAdd();
    const ended = once(child, 'exit');
    while (!existsSync(lock) && child.exitCode === null) await delay(1);
    await delay(round * 30);
    child.kill('SIGKILL');
    await ended;
    const { stdout } = await tree('list', '--json');
    const trees = JSON.parse(stdout);
    if (trees.length > 0) t.like(trees[0], { generations: [1], newest: { fileCount: 1502 } });
    if (trees.length > 0) await tree('remove', 'lab');
  }
  const added = await run(startAdd());
  t.is(added.code, 0, added.stderr);
  t.is((await tree('verify', 'lab')).code, 0);
  t.deepEqual((await readdir(join(state, 'trees'))).toSorted(), ['lab']);
  t.deepEqual((await readdir(join(state, 'trees', 'lab'))).toSorted(), ['1', 'kept']);
  await rm(state, { recursive: true });
});

test('an add of a tree that another command is at work on is refused', async (t) => {
  const { source, state, tree } = await setUp(t);
  const lock = await tryLockFile(join(state, 'trees', '.lab.lock'));
  const added = await tree('add', 'lab', source);
  t.is(added.code, 1);
  t.regex(added.stderr, /^scree: expected to be alone with tree 'lab'/);
  lock?.release();
  t.is((await tree('add', 'lab', source)).code, 0);
});
