import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createInstalls } from '../../../src/frontend/installs/installs.ts';
import { createInstallsProgress } from '../../../src/frontend/installs/progress.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { createRunFiles } from '../../../src/frontend/runs/run-files.ts';
import { createRuns, type Runs } from '../../../src/frontend/runs/runs.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const end = { logText: '' };

async function setUp(t: ExecutionContext) {
  const folder = join(await temporaryFolder(t), 'runs');
  const nodes = openNodeRecords({ log: silentLog }, { path: ':memory:' });
  const installs = createInstalls(
    { log: silentLog, nodes, logs: nodes.logs, key: Buffer.alloc(32, 7) },
    { silenceLimitMs: 3_600_000 },
  );
  const progress = createInstallsProgress({ log: silentLog, nodes, installs });
  const clock = { ms: Date.parse('2026-11-22T12:08:33Z') };
  const files = createRunFiles(folder);
  const open: Runs[] = [];
  const start = async () => {
    const runs = await createRuns(
      { ...{ log: silentLog, store: nodes.store, progress, files }, nowMs: () => clock.ms },
      { quietMs: 1_000, tickMs: 5, writeEveryMs: 0 },
    );
    installs.followSuccess(runs.succeeded);
    open.push(runs);
    return runs;
  };
  t.teardown(async () => {
    for (const runs of open) await runs.close();
    await progress.close();
    await installs.close();
    await nodes.close();
  });
  for (const at of [0, 1, 2, 3]) {
    nodes.store.add({ name: `compute-0-${at}`, macs: [`52:54:00:00:00:0${at}`] });
  }
  const begin = (name: string) => {
    nodes.store.boot([name], 'install');
    const node = nodes.store.byName(name);
    if (node === undefined) throw new Error(`expected a node ${name}`);
    return installs.kickstartAsked(node);
  };
  const tell = (name: string, peers: number) => {
    const node = nodes.store.byName(name);
    if (node === undefined) throw new Error(`expected a node ${name}`);
    const bytes = { frontend: 5, peers, rack: 0, fallback: 1 };
    const report = { run: 'a', sequence: peers, atMs: peers, phases: [], bytes };
    progress.take(node, { ...report, agentVersion: '', trees: [] }, undefined);
  };
  return { folder, nodes, installs, clock, files, start, begin, tell };
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('expected it to become true');
}

test('a run tells how each machine ended: done, failed with the reason, given up', async (t) => {
  const { clock, nodes, installs, start, begin, tell } = await setUp(t);
  const runs = await start();
  t.deepEqual(await runs.list(), []);
  const all = [0, 1, 2, 3].map((at) => begin(`compute-0-${at}`));
  const [done, failed] = all;
  if (done === undefined || failed === undefined) throw new Error('expected four nodes');
  tell('compute-0-0', 100);
  tell('compute-0-1', 50);
  clock.ms += 60_000;
  installs.ended(done, { kind: 'success', ...end });
  installs.ended(failed, { kind: 'failure', reason: 'no disk', ...end });
  nodes.store.boot(['compute-0-2'], 'os');
  const [summary] = await runs.list();
  t.like(summary, {
    ...{ id: '20261122T120833Z', endedAtMs: null },
    counts: { running: 1, done: 1, failed: 1, givenUp: 1 },
    bytes: { frontend: 10, peers: 150, rack: 0, fallback: 2 },
  });
  nodes.store.remove('compute-0-3');
  const run = await runs.read('20261122T120833Z');
  const told = run?.nodes.map(({ name, outcome, reason }) => [name, outcome, reason]);
  t.deepEqual(told, [
    ['compute-0-0', 'done', null],
    ['compute-0-1', 'failed', 'no disk'],
    ['compute-0-2', 'given-up', null],
    ['compute-0-3', 'given-up', null],
  ]);
  t.is((run?.nodes[0]?.endedAtMs ?? 0) - clock.ms, 0);
});

test('when nothing was installed for a while the run is over, and the next is another', async (t) => {
  const { clock, installs, files, start, begin } = await setUp(t);
  const runs = await start();
  const node = begin('compute-0-0');
  clock.ms += 20_000;
  installs.ended(node, { kind: 'success', ...end });
  const endedAtMs = clock.ms;
  clock.ms += 5_000;
  await until(async () => (await files.read('20261122T120833Z'))?.endedAtMs === endedAtMs);
  clock.ms += 60_000;
  begin('compute-0-1');
  const told = (await runs.list()).map(({ id, endedAtMs: at }) => [id, at]);
  t.deepEqual(told, [
    ['20261122T120958Z', null],
    ['20261122T120833Z', endedAtMs],
  ]);
});

test('a process that is killed in the middle is no end of a run', async (t) => {
  const { clock, installs, files, start, begin } = await setUp(t);
  const first = await start();
  const node = begin('compute-0-0');
  await until(async () => (await files.ids()).length === 1);
  await first.close();
  clock.ms += 30_000;
  const second = await start();
  installs.ended(node, { kind: 'success', ...end });
  const [summary, ...others] = await second.list();
  t.deepEqual(others, []);
  t.like(summary, { id: '20261122T120833Z', counts: { done: 1, running: 0 } });
});

test('a machine that is installed again in the same run counts by its latest install', async (t) => {
  const { installs, start, begin } = await setUp(t);
  const runs = await start();
  installs.ended(begin('compute-0-0'), { kind: 'failure', reason: 'no disk', ...end });
  installs.ended(begin('compute-0-0'), { kind: 'success', ...end });
  begin('compute-0-1');
  begin('compute-0-1');
  const [summary] = await runs.list();
  t.like(summary?.counts, { done: 1, failed: 0, running: 1, givenUp: 0 });
});

test('an order that is undone before it was followed leaves no trace in a run', async (t) => {
  const { nodes, installs, start, begin, tell } = await setUp(t);
  const runs = await start();
  nodes.store.boot(['compute-0-3'], 'install');
  nodes.store.undo(['compute-0-3']);
  t.deepEqual(await runs.list(), [], 'nothing was installed');
  const [done, failed] = [begin('compute-0-0'), begin('compute-0-1')];
  if (done === undefined || failed === undefined) throw new Error('expected two nodes');
  tell('compute-0-0', 100);
  tell('compute-0-1', 50);
  installs.ended(done, { kind: 'success', ...end });
  installs.ended(failed, { kind: 'failure', reason: 'no disk', ...end });
  const [summary] = await runs.list();
  const before = await runs.read(summary?.id ?? '');
  nodes.store.boot(['all'], 'install');
  nodes.store.undo(['all']);
  t.deepEqual(await runs.read(summary?.id ?? ''), before);
  t.like(before?.nodes[1], { outcome: 'failed', reason: 'no disk', bytes: { peers: 50 } });
  // Ordered once more, and followed: it counts by that install, under a number of its own.
  const again = begin('compute-0-1');
  if (again === undefined) throw new Error('expected a node');
  installs.ended(again, { kind: 'success', ...end });
  t.like((await runs.list())[0]?.counts, { done: 2, failed: 0, running: 0, givenUp: 0 });
});

test('samples of a long run stay few', async (t) => {
  const { clock, files, start, begin } = await setUp(t);
  const runs = await start();
  begin('compute-0-0');
  let seen = 0;
  for (let at = 0; at < 700; at += 1) {
    clock.ms += 4_000;
    const wanted = clock.ms;
    await until(async () => {
      const run = await runs.read('20261122T120833Z');
      const last = run?.samples.at(-1)?.atMs ?? 0;
      seen = run?.samples.length ?? 0;
      return wanted - last < (run?.sampleEveryMs ?? 0);
    });
    t.true(seen <= 601);
  }
  t.true(seen > 300);
  await runs.close();
  t.is((await files.read('20261122T120833Z'))?.samples.length, seen);
});

test('files that are no runs are left alone, and no id leads out of the folder', async (t) => {
  const { folder, files, start } = await setUp(t);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '20261122T120833Z.json'), '{"half": ');
  await writeFile(join(folder, 'notes.txt'), 'mine');
  await writeFile(join(folder, '..', 'secret.json'), '{}');
  const runs = await start();
  t.deepEqual(await runs.list(), []);
  t.is(await files.read('../secret'), undefined);
  t.is(await runs.read('20261122T120833Z'), undefined);
  t.deepEqual((await readdir(folder)).toSorted(), ['20261122T120833Z.json', 'notes.txt']);
});
