import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../../src/frontend/config.ts';
import { createFrontend } from '../../../src/frontend/main.ts';
import { createNodes } from '../../../src/frontend/nodes/main.ts';
import { planAdd } from '../../../src/frontend/nodes/plan-changes.ts';
import { databasePath, openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import { factsOf } from '../../../src/frontend/reinstall/documents.ts';
import { followInstalls } from '../../../src/frontend/reinstall/follow-installs.ts';
import { reinstall } from '../../../src/frontend/reinstall/reinstall.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { simulateInstalls } from '../../support/simulated-installs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf } from '../nodes/fixture.ts';

const limits = { waveSize: 100, abortShare: 0.1, timeoutMs: 120_000 };

async function startRack(t: ExecutionContext, count: number) {
  const folder = await temporaryFolder(t);
  const [state, path] = [join(folder, 'state'), join(folder, 'scree.yaml')];
  const sections = ['http', 'tracker', 'seed'].map((name) => `${name}: { listen: "127.0.0.1:0" }`);
  await writeFile(path, [`state: ${state}`, ...sections, ''].join('\n'));
  const config = await loadConfig(path);
  const start = () => createFrontend({ log: silentLog }, config);
  const frontend = await start();
  const records = openNodeRecords({ log: silentLog }, { path: databasePath(state) });
  records.store.change(() =>
    Array.from({ length: count }, (_, at) => {
      const name = `compute-${at >> 5}-${at & 31}`;
      return planAdd(records.store, { name, macs: [macOf(at + 1)] }, 0);
    }),
  );
  await records.close();
  return { state, frontend, start };
}

/** As the command does it, with machines that say at once how their install ended. */
async function reinstallAll(
  state: string,
  cycle: (name: string) => Promise<void>,
  changed: Partial<typeof limits> = {},
) {
  const nodes = createNodes({ state });
  const all = await nodes.list();
  return reinstall(
    {
      arm: async (names) => (await nodes.boot(names, 'install')).map(factsOf),
      follow: (signal) => followInstalls({ state, signal, pauseMs: 100 }),
      power: { cycle },
      tell: () => {},
    },
    { nodes: all.map(factsOf), limits: { ...limits, ...changed } },
    new AbortController().signal,
  );
}

test('1,000 machines are reinstalled by a real frontend, wave by wave', async (t) => {
  const { state, frontend } = await startRack(t, 1_000);
  t.teardown(frontend.close);
  const { powerOn } = await simulateInstalls({
    state,
    url: frontend.url,
    reasonOf: () => undefined,
  });
  const startedAtMs = performance.now();
  const { machines, isAborted } = await reinstallAll(state, powerOn);
  t.log(`${Math.round(performance.now() - startedAtMs)} ms`);
  t.false(isAborted);
  t.is(machines.filter(({ verdict }) => verdict === 'done').length, 1_000);
  t.deepEqual([...new Set(machines.map(({ wave }) => wave))], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const nodes = await createNodes({ state }).list();
  t.true(nodes.every(({ bootState }) => bootState === 'os'));
  // Each was armed once.
  const numbers = nodes.map(({ installNumber }) => installNumber).sort((one, other) => one - other);
  t.deepEqual(
    numbers,
    Array.from({ length: 1_000 }, (_, at) => at + 1),
  );
});

test('a machine that cannot be switched on has failed, with what its switch said', async (t) => {
  const { state, frontend } = await startRack(t, 3);
  t.teardown(frontend.close);
  const { powerOn } = await simulateInstalls({
    state,
    url: frontend.url,
    reasonOf: () => undefined,
  });
  const cycle = async (name: string) => {
    if (name === 'compute-0-1') throw new Error('no such plug');
    await powerOn(name);
  };
  const { machines } = await reinstallAll(state, cycle, { abortShare: 0.5 });
  t.deepEqual(
    machines.map(({ verdict, reason }) => [verdict, reason]),
    [
      ['done', undefined],
      ['failed', 'power: no such plug'],
      ['done', undefined],
    ],
  );
});

test('a frontend that is started anew in the middle is followed further', async (t) => {
  const { state, frontend, start } = await startRack(t, 4);
  const reasonOf = () => undefined;
  const first = await simulateInstalls({ state, url: frontend.url, reasonOf });
  const waiting: string[] = [];
  let switchedCount = 0;
  const { promise: isWaiting, resolve } = Promise.withResolvers<void>();
  const running = reinstallAll(state, async (name) => {
    if (name === 'compute-0-0') await first.powerOn(name);
    else waiting.push(name);
    switchedCount += 1;
    if (switchedCount === 4) resolve();
  });
  await isWaiting;
  await frontend.close();
  const second = await start();
  t.teardown(second.close);
  const { powerOn } = await simulateInstalls({ state, url: second.url, reasonOf });
  await Promise.all(waiting.map(powerOn));
  const { machines } = await running;
  t.true(machines.every(({ verdict }) => verdict === 'done'));
});
