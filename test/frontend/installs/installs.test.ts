import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createInstalls } from '../../../src/frontend/installs/installs.ts';
import { openInstallKey } from '../../../src/frontend/installs/key.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { macOf } from '../nodes/fixture.ts';

function start(t: ExecutionContext, clock: { nowMs: number }) {
  const nodes = openNodeRecords({ log: silentLog }, { path: ':memory:' });
  const key = Buffer.alloc(32, 1);
  const deps = { log: silentLog, nodes, logs: nodes.logs, key, nowMs: () => clock.nowMs };
  const installs = createInstalls(deps, { silenceLimitMs: 60_000 });
  t.teardown(async () => {
    await installs.close();
    await nodes.close();
  });
  const node = nodes.store.add({ name: 'a', macs: [macOf(1)] });
  const now = () => nodes.store.byName('a') as MachineNode;
  return { nodes, installs, node, now };
}

test('what a machine fetches is its way into the install, and told in its story', (t) => {
  const { nodes, installs, now } = start(t, { nowMs: Date.now() });
  nodes.store.boot(['a'], 'install');
  t.is(installs.bootFileAsked(now()).bootState, 'booting');
  t.is(installs.bootFileAsked(now()).bootState, 'booting');
  t.is(installs.kickstartSent(now()).bootState, 'installing');
  // Half an install is on its disk: what it boots now is not the installer.
  t.is(installs.bootFileAsked(now()).bootState, 'failed');
  const story = nodes.events.read(['a']).map(({ text }) => text);
  t.deepEqual(story, ['install → booting', 'booting → installing', 'installing → failed']);
});

test('an install of which nothing is heard has failed, one that has not begun waits', async (t) => {
  const clock = { nowMs: Date.now() };
  const { nodes, installs, now } = start(t, clock);
  nodes.store.boot(['a'], 'install');
  clock.nowMs += 3_600_000;
  await delay(1_500);
  t.is(now().bootState, 'install');
  installs.bootFileAsked(now());
  for (let turn = 0; turn < 100 && now().bootState !== 'failed'; turn += 1) await delay(100);
  t.like(now(), { bootState: 'failed', bootReason: 'nothing was heard of its install for 60 s' });
  // It was only slow.
  t.is(installs.ended(now(), { kind: 'success' }).bootState, 'os');
});

test('the key is made once, kept, and told to be wrong when it is', async (t) => {
  const folder = await temporaryFolder(t);
  const keys = await Promise.all([1, 2, 3].map(() => openInstallKey(folder)));
  t.deepEqual(keys[1], keys[0]);
  t.deepEqual(keys[2], keys[0]);
  t.deepEqual(await openInstallKey(folder), keys[0]);
  t.is(keys[0]?.length, 32);
});
