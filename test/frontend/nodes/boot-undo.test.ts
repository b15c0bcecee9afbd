import test from 'ava';
import fc from 'fast-check';
import { type BootEventKind, nextBoot } from '../../../src/frontend/nodes/boot-state.ts';
import { orderedWithUndo, undoneBoot } from '../../../src/frontend/nodes/boot-undo.ts';
import { openNodeRecords } from '../../../src/frontend/nodes/records.ts';
import type { BootState, MachineNode } from '../../../src/frontend/nodes/types.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { machine } from '../boot/fixture.ts';
import { macOf, openStore } from './fixture.ts';

const install = { action: 'install', installs: true };
const disk = { action: 'os', installs: false };
const rescue = { action: 'rescue', installs: false };
const moment = { nowMs: 9, by: 'token:ann' };
const settled = fc.record({
  bootState: fc.constantFrom<BootState>('os', 'install', 'failed'),
  bootAction: fc.constantFrom('os', 'install', 'rescue'),
  installNumber: fc.nat(),
  stateAtMs: fc.nat({ max: 8 }),
});
const order = fc.constantFrom(install, disk, rescue);
const ann = { who: 'token:ann', scope: 'boot', address: '10.1.1.7' } as const;

test('what has not booted is after an undo as if nothing had been ordered', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(settled, order, (how, wanted) => {
        const before = machine(how);
        const undone = undoneBoot(orderedWithUndo(before, wanted, moment));
        t.deepEqual({ ...undone }, { ...before });
      }),
    ),
  );
});

test('an order that was followed cannot be undone, whatever the machine boots', (t) => {
  const kinds = ['boot-file', 'kickstart', 'success', 'failure'] as const;
  const booted: readonly (readonly [typeof install, BootEventKind])[] = [
    ...kinds.map((kind) => [install, kind] as const),
    [disk, 'boot-file'],
    [rescue, 'boot-file'],
  ];
  for (const [wanted, kind] of booted) {
    const before = machine({ bootState: 'os', bootAction: wanted === disk ? 'rescue' : 'os' });
    const ordered = orderedWithUndo(before, wanted, moment);
    t.like(ordered.undo, { bootAction: before.bootAction, orderedAtMs: 9, by: 'token:ann' });
    const after = nextBoot(ordered, { kind }, 10);
    t.is(undoneBoot(after), after, `${wanted.action} ${kind}`);
  }
});

test('an install that was on its way does not come back, and what changes nothing is no order', (t) => {
  for (const bootState of ['booting', 'installing'] as const) {
    const cut = orderedWithUndo(machine({ bootState, bootAction: 'install' }), disk, moment);
    t.is(cut.undo, undefined);
  }
  const armed = orderedWithUndo(machine({}), install, moment);
  const again = orderedWithUndo(armed, install, { nowMs: 20, by: 'token:bob' });
  t.like(again.undo, { orderedAtMs: 9, by: 'token:ann' });
});

test('an undo holds over a restart, and takes back the order that is meant only', async (t) => {
  let nowMs = 100;
  const { path, store } = await openStore(t, undefined, () => nowMs);
  for (const at of [1, 2, 3]) store.add({ name: `n${at}`, macs: [macOf(at)] });
  const before = store.all();
  store.boot(['n1', 'n2', 'n3'], 'install');
  nowMs = 200;
  store.boot(['n2'], 'rescue');
  store.happen('n3', { kind: 'boot-file' });
  const { store: restarted } = await openStore(t, path, () => nowMs);
  t.deepEqual(
    restarted.undo(['all'], 100).map(({ name }) => name),
    ['n1'],
  );
  t.deepEqual(restarted.undo(['all'], 100), []);
  t.deepEqual(restarted.byName('n1'), before[0]);
  t.like(restarted.byName('n3'), { bootState: 'booting' });
  t.like(restarted.undo(['n2'])[0], { bootState: 'install', bootAction: 'install' });
  // The number of an install that was never begun is not given twice.
  const { installNumber = 0 } = restarted.boot(['n1'], 'install')[0] ?? {};
  t.is(installNumber, 4);
});

test('what operators order is in the stories of the machines, with who it was', async (t) => {
  const { store, audit, events, close } = openNodeRecords({ log: silentLog }, { path: ':memory:' });
  t.teardown(close);
  store.add({ name: 'n1', macs: [macOf(1)] });
  audit.as(ann, () => store.boot(['n1'], 'install'));
  audit.as(ann, () => store.undo(['n1']));
  store.boot(['n1'], 'rescue');
  t.deepEqual(
    events.read(['n1']).map(({ event, text, reason }) => [event, text, reason]),
    [
      ['order', 'boot install next (os → install)', 'by token:ann from 10.1.1.7'],
      ['undo', 'boot os next (install → os)', 'by token:ann from 10.1.1.7'],
      ['order', 'boot rescue next (os → os)', undefined],
    ],
  );
  const told: readonly MachineNode[] = store.all();
  t.is(told[0]?.undo?.by, undefined);
});
