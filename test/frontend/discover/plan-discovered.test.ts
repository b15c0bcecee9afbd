import test from 'ava';
import fc from 'fast-check';
import { dhcpDefaults } from '../../../src/frontend/dhcp/defaults.ts';
import {
  type DiscoverSituation,
  planDiscovered,
} from '../../../src/frontend/discover/plan-discovered.ts';
import { indexOf } from '../../../src/frontend/nodes/node-index.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { node } from '../dhcp/fixture.ts';
import { macOf } from '../nodes/fixture.ts';
import { mac, machine, order } from './fixture.ts';

const uuid = '4c4c4544-0042-3510-8056-b4c04f4b4d31';

function situation(
  nodes: readonly MachineNode[] = [],
  values: Partial<DiscoverSituation> = {},
): DiscoverSituation {
  return {
    nodes: indexOf(nodes),
    answeredClasses: dhcpDefaults.clientClasses,
    promised: new Map(),
    failed: new Set(),
    doneCount: 0,
    ...values,
  };
}

function at(rank: number, values: Partial<MachineNode> = {}): MachineNode {
  const name = `compute-0-${rank}`;
  return node({ name, macs: [macOf(1000 + rank)], address: undefined, rank, ...values });
}

test('the first machine of a rack has rank 0, the next one the rank after the highest', (t) => {
  t.like(planDiscovered(machine(), order(), situation()), { kind: 'new', name: 'compute-0-0' });
  const nodes = [at(0), at(4), at(9, { name: 'other', rack: 1 })];
  t.like(planDiscovered(machine(), order(), situation(nodes)), { name: 'compute-0-5', rank: 5 });
  const promised = new Map([[macOf(1), 7]]);
  const promising = situation(nodes, { promised });
  t.like(planDiscovered(machine(), order(), promising), { name: 'compute-0-8' });
});

test('a first rank that is given is the lowest, and gaps after it are filled', (t) => {
  const nodes = [at(0), at(2), at(3, { name: 'compute-0-4', rank: undefined })];
  const fromOf = (fromRank: number) =>
    planDiscovered(machine(), order({ fromRank }), situation(nodes));
  t.like(fromOf(0), { name: 'compute-0-1' });
  t.like(fromOf(2), { name: 'compute-0-3' });
  t.like(fromOf(4), { name: 'compute-0-5' });
});

test('what does not boot from the network is left alone, unless its class is asked for', (t) => {
  for (const kind of ['other', 'installer', 'bootp'] as const) {
    const plan = planDiscovered(machine({ kind }), order(), situation());
    t.like(plan, { kind: 'left-alone', reason: 'not-netbooting' });
    const asked = planDiscovered(machine({ kind }), order({ classes: [kind] }), situation());
    t.is(asked.kind, 'new');
  }
  for (const kind of ['pxe', 'http-boot', 'ipxe', 'open-firmware'] as const) {
    t.is(planDiscovered(machine({ kind }), order(), situation()).kind, 'new');
  }
  const closed = situation([], { answeredClasses: ['ipxe'] });
  t.like(planDiscovered(machine(), order(), closed), { reason: 'class-not-permitted' });
});

test('excluded machines are left alone, by their whole address or its beginning', (t) => {
  const reasonOf = (excluded: readonly string[]) => {
    const plan = planDiscovered(machine(), order({ excluded }), situation());
    return plan.kind === 'left-alone' ? plan.reason : undefined;
  };
  t.is(reasonOf([mac]), 'excluded');
  t.is(reasonOf(['00:00', '52:54:00']), 'excluded');
  t.is(reasonOf(['52:54:01', '54:00', mac.slice(0, -3).replace(/00$/, '01')]), undefined);
});

test('another card of a known machine is added to its node, as long as it holds more', (t) => {
  const known = at(3, { uuid });
  const plan = planDiscovered(machine({ uuid }), order(), situation([known]));
  t.deepEqual(plan, { kind: 'card', node: known });
  const apart = planDiscovered(
    machine({ uuid }),
    order({ tellsByUuid: false }),
    situation([known]),
  );
  t.like(apart, { kind: 'new', name: 'compute-0-4', uuid: undefined });
  const full = at(3, { uuid, macs: Array.from({ length: 16 }, (_, index) => macOf(index)) });
  const none = planDiscovered(machine({ uuid }), order(), situation([full]));
  t.like(none, { kind: 'left-alone', reason: 'too-many-cards' });
});

test('who failed does not count, keeps its rank, and is not tried again when there are enough', (t) => {
  const promised = new Map([
    [macOf(1), 0],
    [macOf(2), 1],
  ]);
  const failed = new Set([macOf(1)]);
  const plan = (number: number, mostCount: number) =>
    planDiscovered(
      machine({ mac: macOf(number) }),
      order({ mostCount }),
      situation([], { promised, failed }),
    );
  t.like(plan(1, 2), { kind: 'new', rank: 0 });
  t.like(plan(3, 2), { kind: 'new', rank: 2 });
  t.like(plan(1, 1), { kind: 'left-alone', reason: 'enough' });
  t.like(plan(2, 1), { kind: 'new', rank: 1 }, 'it is in work');
});

test('the place of a node is taken by the next machine, by its own too, and by no second', (t) => {
  const old = at(3, { uuid });
  const replacing = order({ replace: 'compute-0-3', mostCount: 1 });
  const plan = planDiscovered(machine(), replacing, situation([old]));
  t.deepEqual(plan, { kind: 'replacement', node: old, uuid: undefined });
  const own = planDiscovered(machine({ uuid }), replacing, situation([old]));
  t.deepEqual(own, { kind: 'replacement', node: old, uuid });
  const done = situation([old], { doneCount: 1 });
  t.like(planDiscovered(machine(), replacing, done), { reason: 'enough' });
  const promised = new Map([[macOf(1), undefined]]);
  const busy = situation([old], { promised });
  t.like(planDiscovered(machine(), replacing, busy), { reason: 'enough' });
  t.like(planDiscovered(machine(), replacing, situation()), { reason: 'enough' });
});

test('with a first address only machines of its network are taken', (t) => {
  const plan = planDiscovered(machine(), order({ addressFrom: '10.2.0.5' }), situation());
  t.like(plan, { kind: 'left-alone', reason: 'other-network' });
  t.is(planDiscovered(machine(), order({ addressFrom: '10.1.3.0' }), situation()).kind, 'new');
});

const machines = fc.array(
  fc.record({
    number: fc.nat({ max: 40 }),
    board: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
    kind: fc.constantFrom('pxe', 'ipxe', 'other', 'open-firmware'),
  }),
  { size: 'max', maxLength: 60 },
);

test('whoever asks, how often and in which order: each machine is one node, named in order', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        machines,
        fc.option(fc.nat({ max: 9 }), { nil: undefined }),
        (asked, fromRank) => {
          const nodes = new Map<string, MachineNode>();
          const names: string[] = [];
          for (const { number, board, kind } of asked) {
            const own = macOf(number);
            if ([...nodes.values()].some(({ macs }) => macs.includes(own))) continue;
            const uuid_ = board === undefined ? undefined : `${uuid.slice(0, -1)}${board}`;
            const asker = machine({ mac: own, uuid: uuid_, kind });
            const known = situation([...nodes.values()], { doneCount: names.length });
            const plan = planDiscovered(asker, order({ fromRank }), known);
            if (kind === 'other') {
              if (plan.kind !== 'left-alone') throw new Error(`${kind} became ${plan.kind}`);
            } else if (plan.kind === 'card') {
              nodes.set(plan.node.name, { ...plan.node, macs: [...plan.node.macs, own] });
            } else if (plan.kind === 'new') {
              const { name, rank } = plan;
              if (nodes.has(name)) throw new Error(`${name} twice`);
              nodes.set(name, at(rank, { macs: [own], uuid: plan.uuid }));
              names.push(name);
            }
          }
          const expected = names.map((_, index) => `compute-0-${(fromRank ?? 0) + index}`);
          if (names.join() !== expected.join()) throw new Error(names.join());
          const uuids = [...nodes.values()].flatMap((each) => each.uuid ?? []);
          if (new Set(uuids).size !== uuids.length) throw new Error(uuids.join());
        },
      ),
    ),
  );
});
