import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { loadConfig } from '../../src/frontend/config.ts';
import { createFrontend } from '../../src/frontend/main.ts';
import { createNodes } from '../../src/frontend/nodes/main.ts';
import { planAdd } from '../../src/frontend/nodes/plan-changes.ts';
import { databasePath, openNodeRecords } from '../../src/frontend/nodes/records.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { macOf } from '../frontend/nodes/fixture.ts';
import { simulateInstalls } from '../support/simulated-installs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const scree = resolve('scree');
const run = promisify(execFile);

type Report = {
  readonly isComplete: boolean;
  readonly isAborted: boolean;
  readonly machines: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly wave: number | null;
    readonly reason: string | null;
  }[];
};

/** A frontend over loopback that knows so many machines; switched on, they say how it ended. */
async function setUp(
  t: ExecutionContext,
  count: number,
  reasonOf: (name: string) => string | undefined = () => undefined,
) {
  const folder = await temporaryFolder(t);
  const [state, config] = [join(folder, 'state'), join(folder, 'scree.yaml')];
  const sections = ['http', 'tracker', 'seed'].map((name) => `${name}: { listen: "127.0.0.1:0" }`);
  await writeFile(config, [`state: ${state}`, ...sections, ''].join('\n'));
  const frontend = await createFrontend({ log: silentLog }, await loadConfig(config));
  t.teardown(frontend.close);
  const records = openNodeRecords({ log: silentLog }, { path: databasePath(state) });
  records.store.change(() =>
    Array.from({ length: count }, (_, at) =>
      planAdd(records.store, { name: `compute-0-${at}`, macs: [macOf(at + 1)] }, 0),
    ),
  );
  await records.close();
  const { powerOn } = await simulateInstalls({ state, url: frontend.url, reasonOf });
  const switched = join(folder, 'switched');
  await writeFile(switched, '');
  const args = (...more: readonly string[]) => {
    const power = ['--shell', '--power', `echo {name} >>${switched}`];
    return ['reinstall', 'role=compute', ...power, '-c', config, ...more];
  };
  return { config, state, powerOn, switched, args };
}

/** Each machine that is switched on is reported, until the end of the test. */
function simulate(
  t: ExecutionContext,
  switched: string,
  powerOn: (name: string) => Promise<void>,
  past: readonly string[] = [],
) {
  const order = [...past];
  const state = { isOver: false };
  const working = (async () => {
    while (!state.isOver) {
      const names = (await readFile(switched, 'utf8')).split('\n').slice(order.length, -1);
      order.push(...names);
      await Promise.all(names.map(powerOn));
      await delay(20);
    }
  })();
  t.teardown(async () => {
    state.isOver = true;
    await working;
  });
  return order;
}

/** What a command said, whatever its exit code. */
async function ended(args: readonly string[]) {
  try {
    return { code: 0, ...(await run(scree, args)) };
  } catch (error) {
    return error as { readonly code: number; readonly stdout: string; readonly stderr: string };
  }
}

test('200 machines are reinstalled in waves, and the table says which have failed and why', async (t) => {
  const failing = new Set(['compute-0-7', 'compute-0-130']);
  const { args, powerOn, switched } = await setUp(t, 200, (name) =>
    failing.has(name) ? 'no disk found' : undefined,
  );
  const order = simulate(t, switched, powerOn);
  const { code, stdout, stderr } = await ended(args('--json'));
  t.is(code, 1, stderr);
  const { machines, ...report } = JSON.parse(stdout) as Report;
  t.deepEqual(report, { ...report, isComplete: false, isAborted: false });
  t.is(machines.length, 200);
  for (const { name, verdict, wave, reason } of machines) {
    const rank = Number(name.split('-')[2]);
    t.is(wave, Math.floor(rank / 40) + 1);
    t.is(verdict, failing.has(name) ? 'failed' : 'done');
    t.is(reason, failing.has(name) ? 'no disk found' : null);
  }
  t.is(new Set(order).size, 200);
  t.is(order.length, 200, 'each is switched once');
  t.regex(stderr, /wave 5: 40 armed, being switched off and on: compute-0-160, /);
  t.regex(stderr, /compute-0-130 failed after \d+ s: no disk found/);
});

test('when too many fail, those that were not started stay as they were', async (t) => {
  const { args, powerOn, switched, state } = await setUp(t, 12, () => 'no disk found');
  simulate(t, switched, powerOn);
  const { code, stdout } = await ended(args('--wave', '4', '--abort-if-failed', '30%'));
  t.is(code, 1);
  t.regex(stdout, /too many have failed: no more are started/);
  t.regex(stdout, /compute-0-3 +failed +\d+ s +no disk found/);
  t.regex(stdout, /compute-0-4 +not started +– */);
  t.regex(stdout, /4 failed, 8 not started/);
  t.like(await createNodes({ state }).show('compute-0-4'), { bootState: 'os', installNumber: 0 });
});

test('stopped with Ctrl-C it says what goes on, and the same command goes on from there', async (t) => {
  const { args, powerOn, switched, state, config } = await setUp(t, 6);
  const child = spawn(scree, args('--wave', '3'));
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  while ((await readFile(switched, 'utf8')).split('\n').length < 4) await delay(20);
  child.kill('SIGINT');
  const [code] = await once(child, 'close');
  t.is(code, 1);
  t.regex(said, /3 go on: compute-0-0, compute-0-1, compute-0-2\n/);
  t.regex(said, /stopped; to go on: the same command with --skip-younger 1h, /);
  const nodes = createNodes({ state });
  await powerOn('compute-0-0');
  const [first, second] = await nodes.list(['compute-0-0', 'compute-0-1']);
  t.is(second?.bootState, 'install');
  simulate(t, switched, powerOn, ['compute-0-0', 'compute-0-1', 'compute-0-2']);
  const again = await ended(args('--wave', '3', '--skip-younger', '1h'));
  t.is(again.code, 0, again.stdout);
  t.regex(again.stdout, /1 left out, installed in the last 60 min: compute-0-0/);
  // None was armed once more.
  const isDone = { bootState: 'os', installNumber: first?.installNumber } as const;
  t.like(await nodes.show('compute-0-0'), isDone);
  t.like(await nodes.show('compute-0-1'), { ...isDone, installNumber: second?.installNumber });
  const all = await nodes.list();
  t.true(all.every(({ bootState }) => bootState === 'os'));
  t.is(Math.max(...all.map(({ installNumber }) => installNumber)), 6);
  const planned = await run(scree, ['reinstall', 'all', '--dry-run', '--wave', '4', '-c', config]);
  t.regex(planned.stdout, /6 machines would be reinstalled; nothing was changed/);
  t.regex(planned.stdout, /2 +compute-0-5 +switch it off and on/);
  t.like(await nodes.show('compute-0-5'), { bootState: 'os' });
});

test('what cannot work is refused before anything is armed', async (t) => {
  const { config, state } = await setUp(t, 2);
  const refused = async (...args: readonly string[]) => {
    const { code, stderr } = await ended(['reinstall', ...args, '-c', config]);
    return [code, stderr] as const;
  };
  const [code, stderr] = await refused('all', '--power', 'redfish');
  t.is(code, 1);
  t.regex(stderr, /expected the attribute bmc-address for compute-0-0 and 1 more, found none/);
  t.is((await refused('all', '--power', 'redfsh'))[0], 1);
  t.is((await refused('compute-9-9'))[0], 1);
  t.is((await refused('all', '--wave', '0'))[0], 2);
  t.is((await refused('all', '--abort-if-failed', '10'))[0], 2);
  t.is((await refused('all', '--timeout', '2'))[0], 2);
  t.like(await createNodes({ state }).show('compute-0-0'), { installNumber: 0 });
});

test('without a frontend nothing is armed', async (t) => {
  const folder = await temporaryFolder(t);
  const records = openNodeRecords({ log: silentLog }, { path: join(folder, 'scree.db') });
  records.store.add({ name: 'a', macs: [macOf(1)] });
  await records.close();
  const { code, stderr } = await ended(['reinstall', 'all', '--state', folder]);
  t.is(code, 1);
  t.regex(stderr, /expected a frontend that runs on '.*', found none; start it with/);
  t.like(await createNodes({ state: folder }).show('a'), { bootState: 'os' });
});

test('another action that installs may be chosen, and none that does not', async (t) => {
  const { args, powerOn, switched, config } = await setUp(t, 2);
  simulate(t, switched, powerOn);
  const { code, stderr } = await ended(args('--action', 'rescue'));
  t.is(code, 2);
  t.regex(stderr, /--action: expected one that installs \(install, debut\), got 'rescue'/);
  t.is((await ended(args('--action', 'debut'))).code, 0);
  const shown = await run(scree, ['node', 'show', 'role=compute', '--json', '-c', config]);
  for (const node of JSON.parse(shown.stdout)) t.is(node.bootState, 'os');
});
