import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import type { DemoSummary } from '../../src/simulator/demo-summary.ts';
import { makeTree } from '../../src/simulator/make-tree.ts';
import { planTree } from '../../src/simulator/tree-plan.ts';

const scree = fileURLToPath(new URL('../../scree', import.meta.url));
const treeBytes = 5_000_000;
/** Slow enough to be in the middle for a while. */
const slowly = ['--nodes', '3', '--upload', '4Mbit'];

test('three nodes install a folder, and the figures add up', async (t) => {
  const place = await makePlace(t);
  const tree = await makeSmallTree(place);
  const demo = startDemo(place, '--nodes', '3', '--tree', tree, '--upload', '0', '--json');
  const { code, stdout, stderr } = await demo.ended;
  t.is(code, 0, stderr);

  const summary: DemoSummary = JSON.parse(stdout);
  t.deepEqual(summary.tree, { files: 40, sizeBytes: treeBytes });
  t.deepEqual(
    summary.nodes.map((node) => [node.name, node.installedBytes]),
    [0, 1, 2].map((number) => [`compute-0-${number}`, treeBytes]),
  );
  for (const node of summary.nodes) {
    t.true(node.fromPeersBytes + node.fromFrontendBytes >= treeBytes);
    t.true(node.elapsedMs <= summary.elapsedMs);
  }
  const total = (name: 'fromPeersBytes' | 'fromFrontendBytes') =>
    summary.nodes.reduce((sum, node) => sum + node[name], 0);
  t.is(summary.fromPeersBytes, total('fromPeersBytes'));
  t.true(summary.fromFrontendBytes >= total('fromFrontendBytes'));
  t.is(summary.copies, Number((summary.fromFrontendBytes / treeBytes).toFixed(3)));
  t.true(Number(summary.copies) >= 1);
  await nothingIsLeft(t, place, ['tree']);
});

test('without a terminal there are lines and a table, and a page to look at meanwhile', async (t) => {
  const place = await makePlace(t);
  const demo = startDemo(place, '--nodes', '2');
  const [, front = ''] = await demo.waitFor(/^console: (\S+)$/m);
  const [, url = ''] = await demo.waitFor(/^stats page: (\S+)$/m);
  const page = await fetch(url);
  t.is(page.status, 200);
  t.regex(await page.text(), /demo/);
  t.is((await fetch(front)).status, 200);
  await demo.waitFor(/^all ready /m);
  const answer = await fetch(`${front}api/v1/nodes?select=role=compute`);
  const { nodes } = (await answer.json()) as Installing;
  t.deepEqual(
    nodes.map(({ name }) => name),
    ['compute-0-0', 'compute-0-1'],
  );
  t.true(nodes.every(({ installNumber }) => installNumber > 0));
  const { code, stdout, stderr } = await demo.ended;
  t.is(code, 0, stderr);
  t.regex(stdout, /^compute-0-1 +\d+\.\d s .* %$/m);
  t.regex(stdout, /^2 × 95\.4 MiB in 400 files, checked byte for byte, in \d+\.\d s$/m);
  t.regex(stderr, /^\d+\.\d s: \d+ %, the slowest node \d+ %, /);
  await nothingIsLeft(t, place);
});

type Installing = {
  readonly nodes: readonly { readonly name: string; readonly installNumber: number }[];
};

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} in the middle leaves nothing behind`, async (t) => {
    const place = await makePlace(t);
    const tree = await makeSmallTree(place);
    const demo = startDemo(place, ...slowly, '--tree', tree);
    await demo.waitFor(/^all ready /m);
    await delay(300);
    t.true((await listProcesses(place)).length >= 4);
    demo.child.kill(signal);
    const { code, stderr } = await demo.ended;
    t.is(code, exitCode);
    t.is(
      stderr.trimEnd().split('\n').at(-1),
      `scree: stopped by ${signal}, nothing is left behind`,
    );
    await nothingIsLeft(t, place, ['tree']);
  });
}

test('an agent that dies is named, and ends the demo', async (t) => {
  const place = await makePlace(t);
  const demo = startDemo(place, ...slowly, '--tree', await makeSmallTree(place));
  await demo.waitFor(/^all ready /m);
  const processes = await listProcesses(place);
  const agent = processes.find(({ commandLine }) => commandLine.includes('/compute-0-1 '));
  if (agent === undefined) return t.fail('expected an agent of compute-0-1');
  process.kill(agent.pid, 'SIGKILL');
  const { code, stderr } = await demo.ended;
  t.is(code, 1);
  t.regex(stderr, /^scree: expected compute-0-1 to go on, but it was ended by SIGKILL; .*$/m);
  await nothingIsLeft(t, place, ['tree']);
});

test('even a demo that is killed leaves nothing behind', async (t) => {
  const place = await makePlace(t);
  const demo = startDemo(place, ...slowly, '--tree', await makeSmallTree(place));
  await demo.waitFor(/^all ready /m);
  demo.child.kill('SIGKILL');
  await demo.exitCode;
  while ((await listProcesses(place)).length > 0) await delay(100);
  await nothingIsLeft(t, place, ['tree']);
});

test('when nobody reads what it prints, it stops and leaves nothing behind', async (t) => {
  const place = await makePlace(t);
  const demo = startDemo(place, ...slowly, '--tree', await makeSmallTree(place));
  await demo.waitFor(/^stats page: /m);
  demo.child.stdout.destroy();
  demo.child.stderr.destroy();
  t.is(await demo.exitCode, 141);
  await nothingIsLeft(t, place, ['tree']);
});

test('a tree that is not there, or cannot be used, is said in one line', async (t) => {
  const place = await makePlace(t);
  const missing = join(place, 'missing');
  const demo = startDemo(place, '--tree', missing);
  const { code, stderr } = await demo.ended;
  t.is(code, 1);
  t.is(stderr, `scree: --tree: expected a folder '${missing}', found nothing there\n`);
  await nothingIsLeft(t, place);
});

test('a number of nodes or a rate that makes no sense is a usage error', async (t) => {
  const place = await makePlace(t);
  for (const [option, value] of [
    ['--nodes', '0'],
    ['--nodes', '65'],
    ['--nodes', 'many'],
    ['--upload', 'fast'],
  ] as const) {
    const { code, stderr } = await startDemo(place, option, value).ended;
    t.is(code, 2);
    t.regex(stderr, new RegExp(`^scree: ${option}: expected `));
  }
});

/** A folder that stands for the machine's folder of temporary files. */
async function makePlace(t: ExecutionContext): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'scree-test-'));
  t.teardown(async () => {
    for (const { pid } of await listProcesses(place)) process.kill(pid, 'SIGKILL');
    await rm(place, { recursive: true, maxRetries: 10 });
  });
  return place;
}

async function makeSmallTree(place: string): Promise<string> {
  const tree = join(place, 'tree');
  const files = planTree({ seed: 7, fileCount: 40, totalSizeBytes: treeBytes });
  await makeTree(tree, { files, seed: 7 });
  return tree;
}

function startDemo(place: string, ...args: readonly string[]) {
  const child = spawn(scree, ['demo', ...args], { env: { ...process.env, TMPDIR: place } });
  const exitCode = exitOf(child);
  const ended = Promise.all([exitCode, text(child.stdout), text(child.stderr)]).then(
    ([code, stdout, stderr]) => ({ code, stdout, stderr }),
  );
  ended.catch(() => {});
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  return {
    child,
    exitCode,
    ended,
    waitFor: (pattern: RegExp) => waitFor(child, pattern, () => said),
  };
}

function waitFor(
  child: ChildProcess,
  pattern: RegExp,
  said: () => string,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const found = pattern.exec(said());
      if (found !== null) resolve(found);
    };
    child.stdout?.on('data', look);
    child.on('close', () => reject(new Error(`expected ${pattern}, but it ended: ${said()}`)));
    look();
  });
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code));
  });
}

async function nothingIsLeft(
  t: ExecutionContext,
  place: string,
  except: readonly string[] = [],
): Promise<void> {
  t.deepEqual(await listProcesses(place), []);
  t.deepEqual(await readdir(place), except);
}

/** Processes that were given a path below the place: the demo's frontend and agents. */
async function listProcesses(place: string) {
  const found: { readonly pid: number; readonly commandLine: string }[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const commandLine = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const readable = commandLine.replaceAll('\0', ' ');
    if (readable.includes(place)) found.push({ pid: Number(name), commandLine: readable });
  }
  return found;
}
