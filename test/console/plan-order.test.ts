import test from 'ava';
import * as fc from 'fast-check';
import {
  describeOrder,
  type OrderedNode,
  pendingOrders,
} from '../../src/console/racks/plan-order.ts';
import type { BootState } from '../../src/frontend/nodes/types.ts';

const install = { name: 'install', installs: true };
const disk = { name: 'os', installs: false };
const rescue = { name: 'rescue', installs: false };
const states: readonly BootState[] = ['os', 'install', 'booting', 'installing', 'failed'];

function node(name: string, bootState: BootState, bootAction = 'os'): OrderedNode {
  return { name, bootState, bootAction };
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

test('what was ordered at the same moment is one order, until its machines have booted', (t) => {
  const undo = (orderedAtMs: number, by: string | null = null) => ({ orderedAtMs, by });
  const nodes = [
    { name: 'a', bootAction: 'install', undo: undo(7, 'token:ann') },
    { name: 'b', bootAction: 'rescue', undo: undo(9) },
    { name: 'c', bootAction: 'install' },
    { name: 'd', bootAction: 'install', undo: undo(7, 'token:ann') },
  ];
  t.deepEqual(pendingOrders(nodes), [
    { key: '9 rescue', atMs: 9, by: undefined, action: 'rescue', names: ['b'] },
    { key: '7 install', atMs: 7, by: 'token:ann', action: 'install', names: ['a', 'd'] },
  ]);
});
