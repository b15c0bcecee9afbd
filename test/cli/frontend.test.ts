import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { decodeTorrent } from '../../src/protocol/metainfo.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createSwarmHost } from '../../src/swarm/swarm-host.ts';
import { readAll } from '../support/swarm-rack.ts';

// One after the other: each starts several programs, and all at once they would only wait for a core.
const scree = resolve('scree');
const image = randomBytes(3_000_000);

type Run = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A folder with a configuration that takes any free ports, and a source of a tree. */
async function setUp(t: ExecutionContext, config = '') {
  const folder = await mkdtemp(join(tmpdir(), 'scree-frontend-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const configPath = join(folder, 'scree.yaml');
  const listen = 'http: { listen: "127.0.0.1:0" }\ntracker: { listen: "127.0.0.1:0" }\n';
  const seed = 'seed: { listen: "127.0.0.1:0" }\n';
  await writeFile(configPath, config || `state: state\n${listen}${seed}`);
  const source = join(folder, 'source');
  await mkdir(join(source, 'images'), { recursive: true });
  await writeFile(join(source, 'images', 'stage2.img'), image);
  await writeFile(join(source, 'a+b.rpm'), 'package');
  return { folder, configPath, source, state: join(folder, 'state') };
}

async function run(...args: readonly string[]): Promise<Run> {
  const child = spawn(scree, args);
  const stdout = textOf(child, 'stdout');
  const stderr = textOf(child, 'stderr');
  const [code] = await once(child, 'close');
  return { code, stdout: stdout(), stderr: stderr() };
}

function textOf(child: ChildProcess, name: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

/** Starts `scree frontend` and waits for its ready line. */
async function start(t: ExecutionContext, configPath: string) {
  const child = spawn(scree, ['frontend', '-c', configPath]);
  const exited = once(child, 'exit');
  t.teardown(() => child.kill('SIGKILL'));
  const stderr = textOf(child, 'stderr');
  const stdout = textOf(child, 'stdout');
  while (!stdout().includes('\n')) {
    const ended = await Promise.race([once(child.stdout, 'data'), exited]);
    if (child.exitCode !== null) throw new Error(`expected ready, got ${ended}: ${stderr()}`);
  }
  const ready = /^ready (http:\/\/127\.0\.0\.1:\d+) tracker (\S+) seed (\S+) trees (\d+)\n$/.exec(
    stdout(),
  );
  const [, url = '', tracker = '', seed = '', trees = ''] = ready ?? [];
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await exited;
    return code;
  };
  return { url, tracker, seed, trees, stderr, stop };
}

const json = async (url: string) => JSON.parse(await (await fetch(url)).text());
const bytesOf = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

test.serial('it serves and seeds a tree, and takes in new generations while it runs', async (t) => {
  const { configPath, source } = await setUp(t);
  t.is((await run('tree', 'add', 'rocks', source, '-c', configPath)).code, 0);
  const { url, trees } = await start(t, configPath);
  t.is(trees, '1');
  t.like(await json(`${url}/healthz`), { ok: true, trees: 1 });
  t.true(image.equals(await bytesOf(`${url}/install/rocks/images/stage2.img`)));

  await writeFile(join(source, 'a+b.rpm'), 'a newer package');
  const added = await run('tree', 'add', 'rocks', source, '-c', configPath);
  t.is(added.code, 0, added.stderr);
  t.is(String(await bytesOf(`${url}/install/rocks/a%2bb.rpm`)), 'a newer package');
  t.is((await json(`${url}/install/trees.json`)).trees[0].generation, 2);
  const torrent = `${url}/install/rocks.torrent`;
  t.true(image.equals(await fetchBySwarm(t, torrent, 'images/stage2.img')));
  t.true(image.equals(await fetchBySwarm(t, `${url}/install/rocks/images/stage2.img.torrent`)));

  t.is((await run('tree', 'remove', 'rocks', '-c', configPath)).code, 0);
  t.is((await fetch(`${url}/install/rocks/a+b.rpm`)).status, 404);
  t.is((await json(`${url}/healthz`)).trees, 0);
});

/** What a peer with nothing but the torrent gets of one file, from the frontend's seed alone. */
async function fetchBySwarm(
  t: ExecutionContext,
  torrentUrl: string,
  path?: string,
): Promise<Buffer> {
  const { metainfo, sources } = decodeTorrent(await bytesOf(torrentUrl));
  const folder = await mkdtemp(join(tmpdir(), 'scree-store-'));
  const host = await createSwarmHost(
    { log: silentLog },
    {
      listen: { host: '127.0.0.1', port: 0 },
      uploadBytesPerSecond: 0,
      store: { folder, sizeBytes: 2 ** 28 },
    },
  );
  t.teardown(async () => {
    await host.close();
    await rm(folder, { recursive: true, force: true });
  });
  const trackers = sources.trackers.filter((each) => each.startsWith('http'));
  const swarm = await host.join({ metainfo, trackers, fallback: undefined });
  const before = metainfo.files.slice(
    0,
    metainfo.files.findIndex((each) => each.path === path),
  );
  const startByte = path === undefined ? 0 : before.reduce((sum, each) => sum + each.sizeBytes, 0);
  const file = metainfo.files.find((each) => path === undefined || each.path === path);
  const range = { startByte, endByte: startByte + (file?.sizeBytes ?? 0) };
  return readAll(swarm, range);
}

test.serial('killed with -9 it starts again, with the same trees and torrents', async (t) => {
  const { configPath, source, state } = await setUp(t);
  await run('tree', 'add', 'rocks', source, '-c', configPath);
  const first = await start(t, configPath);
  const infohashes = async (url: string) => {
    const paths = ['rocks.torrent', 'rocks/images/stage2.img.torrent'];
    const torrents = await Promise.all(paths.map((path) => bytesOf(`${url}/install/${path}`)));
    return torrents.map((torrent) => decodeTorrent(torrent).metainfo.infohash);
  };
  const before = await infohashes(first.url);
  await first.stop('SIGKILL');
  t.true((await stat(join(state, 'scree.sock'))).isSocket());
  const second = await start(t, configPath);
  const swarms: { infohash: string }[] = (await json(`${second.url}/stats.json`)).swarms;
  t.deepEqual(swarms.map(({ infohash }) => infohash).sort(), [...before].sort());
  t.deepEqual(await infohashes(second.url), before);
  t.is(await second.stop('SIGTERM'), 0);
  await t.throwsAsync(stat(join(state, 'scree.sock')), { code: 'ENOENT' });
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test.serial(`${signal} ends it cleanly within 5 seconds while downloads run`, async (t) => {
    const { configPath, source } = await setUp(t);
    await writeFile(join(source, 'large'), Buffer.alloc(60_000_000));
    await run('tree', 'add', 'rocks', source, '-c', configPath);
    const { url, stop, stderr } = await start(t, configPath);
    // None is read on, so that all answers stay unfinished.
    const downloads = Array.from({ length: 5 }, async () => {
      const download = get(`${url}/install/rocks/large`).on('error', () => {});
      const [response] = await once(download, 'response');
      response.on('error', () => {});
    });
    await Promise.all(downloads);
    // Past its deadline of 5 seconds it would end itself, with 1.
    t.is(await stop(signal), 0, stderr());
  });
}

test.serial('a second frontend on the same state is refused in one clear line', async (t) => {
  const { configPath } = await setUp(t);
  const { url } = await start(t, configPath);
  const second = await run('frontend', '-c', configPath);
  t.is(second.code, 1);
  t.regex(lastLine(second), /^scree: state: expected no other frontend on '.*', found one/);
  t.like(await json(`${url}/healthz`), { ok: true });
});

for (const key of ['http', 'tracker', 'seed'] as const) {
  test.serial(`a taken port is told with its key, ${key}.listen, and its address`, async (t) => {
    const { configPath } = await setUp(t);
    const { url, tracker, seed, stop } = await start(t, configPath);
    const taken = { http: url.replace('http://', ''), tracker, seed }[key];
    const others = ['http', 'tracker', 'seed'].filter((each) => each !== key);
    const lines = others.map((each) => `${each}: { listen: "127.0.0.1:0" }\n`);
    const config = `state: state\n${key}: { listen: "${taken}" }\n${lines.join('')}`;
    const { configPath: other } = await setUp(t, config);
    const refused = await run('frontend', '-c', other);
    t.is(refused.code, 1);
    t.regex(lastLine(refused), new RegExp(`^scree: ${key}\\.listen: expected .*${taken}`));
    t.is(await stop('SIGTERM'), 0);
  });
}

test.serial('an address that the machine has not is told', async (t) => {
  const { configPath } = await setUp(t, 'state: state\ntracker: { listen: "192.0.2.1:6969" }\n');
  const refused = await run('frontend', '-c', configPath);
  t.is(refused.code, 1);
  t.regex(lastLine(refused), /^scree: tracker\.listen: expected .*192\.0\.2\.1:6969/);
});

test.serial('a wrong configuration is refused with all its problems and places', async (t) => {
  const { configPath, state } = await setUp(
    t,
    'state: state\nhttp:\n  lisen: 80\nseed: { upload: x }\n',
  );
  const refused = await run('frontend', '-c', configPath);
  t.is(refused.code, 1);
  t.deepEqual(refused.stderr.trim().split('\n'), [
    `scree: ${configPath}:3:3: unknown key 'lisen' in 'http': expected listen, fallback; did you mean 'listen'?`,
    `scree: ${configPath}:4:17: seed.upload: expected bytes per second, a rate such as 900Mbit, or 0 for no cap, got "x"`,
  ]);
  await t.throwsAsync(stat(state), { code: 'ENOENT' }, 'nothing was started');
});

test.serial(
  'a configuration that is not there, and an unknown option, are told apart',
  async (t) => {
    const missing = await run('frontend', '-c', '/nonexistent/scree.yaml');
    t.is(missing.code, 1);
    t.regex(missing.stderr, /^scree: expected a configuration file '\/nonexistent\/scree\.yaml'/);
    const usage = await run('frontend', '--colour');
    t.is(usage.code, 2);
    t.regex(usage.stderr, /^scree: expected an option of this command, got '--colour'/);
  },
);

test.serial('the keys are for their owner only, and no log line shows them', async (t) => {
  const { configPath, state, source } = await setUp(t);
  await run('tree', 'add', 'rocks', source, '-c', configPath);
  const { stderr, stop } = await start(t, configPath);
  const keyPath = join(state, 'keys', 'manifest.key');
  t.is((await stat(keyPath)).mode & 0o777, 0o600);
  await stop('SIGTERM');
  const secret = (await readFile(keyPath, 'utf8')).split('\n')[1] ?? '';
  t.false(stderr().includes(secret));
});

function lastLine({ stderr }: Run): string {
  return stderr.trim().split('\n').at(-1) ?? '';
}
