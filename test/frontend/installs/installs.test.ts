import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createInstalls, type Installs } from '../../../src/frontend/installs/installs.ts';
import { openInstallKey } from '../../../src/frontend/installs/key.ts';
import { type NodeRecords, openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fillDisk, macOf } from '../nodes/fixture.ts';

/** `setMs`: by how much the clock was set, besides the time that went by. */
type Clock = { nowMs: number; setMs?: number };

function start(t: ExecutionContext, clock: Clock, path = ':memory:') {
  const nodes = openNodeRecords({ log: silentLog }, { path });
  const key = Buffer.alloc(32, 1);
  const nowMs = () => clock.nowMs + (clock.setMs ?? 0);
  const monotonicMs = () => clock.nowMs;
  const deps = { log: silentLog, nodes, logs: nodes.logs, key, nowMs, monotonicMs };
  const installs = createInstalls(deps, { silenceLimitMs: 60_000 });
  t.teardown(async () => {
    await installs.close();
    await nodes.close();
  });
  if (nodes.store.byName('a') === undefined) nodes.store.add({ name: 'a', macs: [macOf(1)] });
  const now = () => nodes.store.byName('a') as MachineNode;
  return { nodes, installs, now };
}

test('what a machine fetches is its way into the install, and told in its story', (t) => {
  const { nodes, installs, now } = start(t, { nowMs: Date.now() });
  nodes.store.boot(['a'], 'install');
  t.is(installs.bootFileAsked(now()).bootState, 'booting');
  t.is(installs.bootFileAsked(now()).bootState, 'booting');
  t.is(installs.kickstartAsked(now()).bootState, 'installing');
  // Half an install is on its disk: what it boots now is not the installer.
  t.is(installs.bootFileAsked(now()).bootState, 'failed');
  const story = nodes.events.read(['a']).map(({ text }) => text);
  t.deepEqual(story, [
    'boot install next (os → install)',
    ...['install → booting', 'booting → installing', 'installing → failed'],
  ]);
});

test('an install that has not begun waits as long as it takes', async (t) => {
  const clock = { nowMs: Date.now() };
  const { nodes, now } = start(t, clock);
  nodes.store.boot(['a'], 'install');
  clock.nowMs += 3_600_000;
  await delay(1_500);
  t.is(now().bootState, 'install');
});

test('an install of which nothing is heard has failed, and it is told when it was and what', async (t) => {
  const clock = { nowMs: Date.now() };
  const { nodes, installs, now } = start(t, clock);
  nodes.store.boot(['a'], 'install');
  installs.bootFileAsked(now());
  clock.nowMs += 59_000;
  installs.heard(now(), 'was sent debian/\u001binitrd by TFTP');
  const atMs = clock.nowMs;
  clock.nowMs += 59_000;
  await delay(1_500);
  t.is(now().bootState, 'booting');
  clock.nowMs += 1_000;
  t.is((await failed(now)).bootReason, told('was sent debian/ initrd by TFTP', atMs));
  // It was only slow.
  t.is(installs.ended(now(), { kind: 'success', logText: '' }).bootState, 'os');
});

test('an install that goes on for longer than the limit is not silent', async (t) => {
  const clock = { nowMs: Date.now() };
  const { nodes, installs, now } = start(t, clock);
  nodes.store.boot(['a'], 'install');
  installs.kickstartAsked(now());
  for (let minute = 0; minute < 3; minute += 1) {
    clock.nowMs += 50_000;
    if (minute === 1) installs.kickstartAsked(now());
    else installs.heard(now(), 'said: 12 of 400 packages');
    await delay(1_100);
    t.is(now().bootState, 'installing');
  }
  const atMs = clock.nowMs;
  clock.nowMs += 60_000;
  t.is((await failed(now)).bootReason, told('said: 12 of 400 packages', atMs));
});

test('what is said of an install that is over, or has not begun, is nothing to the next', (t) => {
  const { nodes, installs, now } = start(t, { nowMs: Date.now() });
  nodes.store.boot(['a'], 'install');
  installs.heard(now(), 'too early');
  const first = installs.kickstartAsked(now());
  nodes.store.boot(['a'], 'install');
  installs.bootFileAsked(now());
  installs.heard(first, 'of the first');
  t.like(heardOf(nodes, installs), { what: 'asked what to boot', boots: 1 });
  installs.ended(now(), { kind: 'success', logText: '' });
  installs.heard(now(), 'too late');
  t.like(heardOf(nodes, installs), { what: 'asked what to boot' });
});

test('a machine that starts its installer again and again has failed', (t) => {
  const clock = { nowMs: Date.now() };
  const { nodes, installs, now } = start(t, clock);
  nodes.store.boot(['a'], 'install');
  for (let boot = 1; boot <= 5; boot += 1) {
    // Its loader asks under several names.
    for (let name = 0; name < 3; name += 1) {
      t.is(installs.bootFileAsked(now()).bootState, 'booting', `${boot}.${name}`);
    }
    clock.nowMs += 40_000;
    installs.heard(now(), 'was sent debian/initrd by TFTP');
  }
  t.is(installs.bootFileAsked(now()).bootState, 'failed');
  t.regex(now().bootReason ?? '', /^it has begun to boot 6 times, and never said that it was done/);
});

test('what was heard outlives the frontend, and nobody is silent while none runs', async (t) => {
  const path = join(await temporaryFolder(t), 'scree.db');
  const clock = { nowMs: Date.now() };
  const first = start(t, clock, path);
  first.nodes.store.boot(['a'], 'install');
  first.installs.bootFileAsked(first.now());
  clock.nowMs += 10_000;
  first.installs.heard(first.now(), 'was sent debian/linux by TFTP');
  const atMs = clock.nowMs;
  await first.installs.close();
  clock.nowMs += 3_600_000;
  const { now } = start(t, clock, path);
  await delay(1_500);
  t.is(now().bootState, 'booting');
  clock.nowMs += 60_000;
  t.is((await failed(now)).bootReason, told('was sent debian/linux by TFTP', atMs));
});

for (const setMs of [3_600_000, -3_600_000]) {
  test(`a clock that is set by ${setMs} ms ends no install, and saves none`, async (t) => {
    const clock = { nowMs: Date.now(), setMs: 0 };
    const { nodes, installs, now } = start(t, clock);
    nodes.store.boot(['a'], 'install');
    installs.kickstartAsked(now());
    clock.nowMs += 30_000;
    installs.heard(now(), 'said: 12 of 400 packages');
    clock.setMs = setMs;
    await delay(1_500);
    t.is(now().bootState, 'installing');
    clock.nowMs += 59_000;
    await delay(1_500);
    t.is(now().bootState, 'installing');
    clock.nowMs += 1_000;
    t.is((await failed(now)).bootState, 'failed');
  });
}

async function failed(now: () => MachineNode): Promise<MachineNode> {
  for (let turn = 0; turn < 100 && now().bootState !== 'failed'; turn += 1) await delay(100);
  return now();
}

function told(what: string, atMs: number): string {
  const at = new Date(atMs).toISOString().slice(0, 19).replace('T', ' ');
  return `nothing was heard of its install for 60 s: the last was that it ${what}, ${at} UTC`;
}

/** What the database knows after it was written. */
function heardOf(nodes: NodeRecords, installs: Installs) {
  void installs.close();
  return nodes.heard.read().get('a');
}

test('an action of the operator’s own that installs is an install like any other', async (t) => {
  const actions = { bootActions: ['os', 'install', 'kiosk', 'lamp'] };
  const nodes = openNodeRecords(
    { log: silentLog },
    { path: ':memory:', ...actions, installActions: new Set(['install', 'kiosk']) },
  );
  t.teardown(nodes.close);
  const installs = createInstalls(
    { log: silentLog, nodes, logs: nodes.logs, key: Buffer.alloc(32, 1) },
    { silenceLimitMs: 60_000 },
  );
  t.teardown(installs.close);
  nodes.store.add({ name: 'a', macs: [macOf(1)] });
  const order = (action: string) => nodes.store.boot(['a'], action)[0] as MachineNode;
  const armed = order('kiosk');
  t.like(armed, { bootState: 'install', bootAction: 'kiosk', installNumber: 1 });
  t.is(installs.bootFileAsked(armed).bootState, 'booting');
  const done = installs.ended(armed, { kind: 'success', logText: '' });
  t.like(done, { bootState: 'os', bootAction: 'os' });
  const failing = order('kiosk');
  t.is(failing.installNumber, 2);
  const failed = installs.ended(failing, { kind: 'failure', reason: 'no disk', logText: '' });
  t.like(failed, { bootState: 'failed', bootAction: 'kiosk', bootReason: 'no disk' });
  t.is(installs.bootFileAsked(failed).bootState, 'failed');
  t.like(order('lamp'), { bootState: 'failed', bootAction: 'lamp' });
  t.like(order('install'), { bootState: 'install', bootAction: 'install', installNumber: 3 });
});

test('what cannot be written down is not handed out: it would be again', async (t) => {
  const path = join(await temporaryFolder(t), 'scree.db');
  const { nodes, installs, now } = start(t, { nowMs: Date.now() }, path);
  for (const state of ['install', 'booting', 'installing'] as const) {
    nodes.store.boot(['a'], 'install');
    if (state !== 'install') installs.bootFileAsked(now());
    if (state === 'installing') installs.kickstartAsked(now());
    t.is(now().bootState, state);
    const makeRoom = fillDisk(t, path);
    const answered = installs.bootFileAsked(now());
    // What is written down already needs no room.
    t.is(answered.bootState, state === 'booting' ? 'booting' : 'failed', state);
    if (state !== 'booting') {
      t.regex(answered.bootReason ?? '', /could not be written down: .*disk is full/);
    }
    if (state === 'installing') t.notThrows(() => installs.kickstartAsked(now()));
    else t.throws(() => installs.kickstartAsked(now()), { code: 'unusable' });
    t.is(now().bootState, state);
    makeRoom();
    t.is(installs.bootFileAsked(now()).bootState, state === 'installing' ? 'failed' : 'booting');
    nodes.store.boot(['a'], 'os');
  }
  fillDisk(t, path);
  t.is(installs.bootFileAsked(now()).bootState, 'os');
});

test('the key is made once, kept, and told to be wrong when it is', async (t) => {
  const folder = await temporaryFolder(t);
  const keys = await Promise.all([1, 2, 3].map(() => openInstallKey(folder)));
  t.deepEqual(keys[1], keys[0]);
  t.deepEqual(keys[2], keys[0]);
  t.deepEqual(await openInstallKey(folder), keys[0]);
  t.is(keys[0]?.length, 32);
});
