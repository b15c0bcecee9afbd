import test from 'ava';
import * as fc from 'fast-check';
import {
  describeOrder,
  type GivenOrder,
  type OrderedNode,
  planUndo,
} from '../../src/console/racks/plan-order.ts';
import { orderedBoot } from '../../src/frontend/nodes/boot-state.ts';
import type { BootState, MachineNode } from '../../src/frontend/nodes/types.ts';

const install = { name: 'install', installs: true };
const disk = { name: 'os', installs: false };
const rescue = { name: 'rescue', installs: false };
const states: readonly BootState[] = ['os', 'install', 'booting', 'installing', 'failed'];

function node(name: string, bootState: BootState, bootAction = 'os'): OrderedNode {
  return { name, bootState, bootAction, installNumber: bootState === 'os' ? 0 : 3 };
}

/** What the frontend makes of an order. */
function obey(each: OrderedNode, action: typeof install): OrderedNode {
  const machine: MachineNode = {
    ...{ macs: [], uuid: undefined, address: undefined, role: 'compute', rack: 0, rank: 0 },
    ...{ clientClasses: undefined, dhcpOptions: {}, bootReason: undefined, stateAtMs: 0 },
    ...each,
  };
  const after = orderedBoot(machine, { action: action.name, installs: action.installs }, 1);
  const { name, bootState, bootAction, installNumber } = after;
  return { name, bootState, bootAction, installNumber };
}

function orderOf(before: readonly OrderedNode[], action: typeof install): GivenOrder {
  const after = new Map(before.map((each) => [each.name, obey(each, action)]));
  return { id: 1, atMs: 0, action, before, after, installActions: new Set(['install', 'debut']) };
}

test('an order is told by what becomes of whom, what is grave first', (t) => {
  const nodes = [node('a', 'os'), node('b', 'os'), node('c', 'installing', 'install')];
  const armed = node('d', 'install', 'install');
  t.deepEqual(
    describeOrder([armed, ...nodes], install).map(({ count, isGrave }) => [count, isGrave]),
    [
      [2, true],
      [1, true],
      [1, false],
    ],
  );
  t.regex(describeOrder(nodes, disk)[0]?.text ?? '', /that is given up/);
  t.regex(describeOrder([node('a', 'failed', 'install')], rescue)[0]?.text ?? '', /still counted/);
});

test('every machine is told of once, whatever it does and is to do', (t) => {
  const nodes = fc.array(
    fc.record({
      name: fc.string(),
      bootState: fc.constantFrom(...states),
      bootAction: fc.constantFrom('os', 'install', 'rescue', 'debut'),
      installNumber: fc.nat(),
    }),
    { size: 'max', maxLength: 200 },
  );
  const actions = fc.constantFrom(install, disk, rescue, { name: 'debut', installs: true });
  t.notThrows(() =>
    fc.assert(
      fc.property(nodes, actions, (some, action) => {
        const told = describeOrder(some, action);
        return told.reduce((sum, { count }) => sum + count, 0) === some.length;
      }),
    ),
  );
});

test('an undo brings back what each was to boot, as long as it has not booted', (t) => {
  const before = [node('a', 'os'), node('b', 'os', 'rescue'), node('c', 'os')];
  const order = orderOf(before, install);
  const now = new Map([...order.after, ['c', { ...node('c', 'booting', 'install') }]]);
  t.deepEqual(planUndo(order, now), [
    { action: 'os', selection: ['a,state=install'] },
    { action: 'rescue', selection: ['b,state=install'] },
  ]);
});

test('what somebody else has ordered since is not undone', (t) => {
  const order = orderOf([node('a', 'os')], install);
  const again = { ...node('a', 'install', 'install'), installNumber: 9 };
  t.deepEqual(planUndo(order, new Map([['a', again]])), []);
  t.deepEqual(planUndo(order, new Map()), [], 'it was removed');
});

test('an install that was cut off does not come back', (t) => {
  const before = [node('a', 'installing', 'install'), node('b', 'install', 'install')];
  const order = orderOf(before, disk);
  t.deepEqual(planUndo(order, order.after), [{ action: 'install', selection: ['b,action=os'] }]);
});

test('after an undo a machine does what it did before, or the undo does not name it', (t) => {
  const nodes = fc.record({
    name: fc.constant('a'),
    bootState: fc.constantFrom(...states),
    bootAction: fc.constantFrom('os', 'install', 'rescue'),
    installNumber: fc.nat(),
  });
  t.notThrows(() =>
    fc.assert(
      fc.property(nodes, fc.constantFrom(install, disk, rescue), (before, action) => {
        const order = orderOf([before], action);
        const [part] = planUndo(order, order.after);
        if (part === undefined) return true;
        const known = [install, disk, rescue].find(({ name }) => name === part.action);
        const undone = obey(order.after.get('a') ?? before, known ?? disk);
        // The disk of a failed one is as it was, but it is not called failed any more.
        if (before.bootState === 'failed') return undone.bootState === 'os';
        return (undone.bootState === 'install') === (before.bootState === 'install');
      }),
    ),
  );
});
