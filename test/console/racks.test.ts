import test from 'ava';
import type { WatchedNode } from '../../src/cli/watch-model.ts';
import { fractionOf, lookOf } from '../../src/console/data/how-far.ts';
import { filterOf } from '../../src/console/racks/filter-nodes.ts';
import { groupRacks } from '../../src/console/racks/group-racks.ts';
import { click, nothingSelected, toggled } from '../../src/console/racks/selection.ts';

function node(change: Partial<WatchedNode> & { readonly name: string }): WatchedNode {
  return {
    ...{ role: 'compute', rack: 0, rank: 0, bootAction: 'os', bootState: 'os' },
    ...{ bootReason: null, stateAtMs: 0, installNumber: 0, progress: null },
    ...change,
  };
}

function progress(change: Partial<NonNullable<WatchedNode['progress']>>) {
  return {
    ...{ heardAtMs: 0, phases: [], packages: null, rateBytesPerSecond: 0, trees: [] },
    ...{ bytes: { frontend: 0, peers: 0, rack: 0, fallback: 0 }, agentVersion: '' },
    ...change,
  };
}

test('machines stand in their racks by rank, those of none at the end', (t) => {
  const nodes = [
    node({ name: 'nas', rack: null, rank: null }),
    node({ name: 'compute-1-0', rack: 1 }),
    node({ name: 'compute-0-10', rank: 10 }),
    node({ name: 'compute-0-9', rank: 9 }),
  ];
  const racks = groupRacks(nodes).map(({ number, nodes: own }) => [
    number,
    ...own.map((n) => n.name),
  ]);
  t.deepEqual(racks, [
    [0, 'compute-0-9', 'compute-0-10'],
    [1, 'compute-1-0'],
    [undefined, 'nas'],
  ]);
});

test('a rack in which nothing has changed is the same object, so that it is not drawn anew', (t) => {
  const [a, b] = [node({ name: 'compute-0-0' }), node({ name: 'compute-1-0', rack: 1 })];
  const before = groupRacks([a, b]);
  const after = groupRacks([a, { ...b, bootState: 'failed' }], before);
  t.is(after[0], before[0]);
  t.not(after[1], before[1]);
});

test('all words of a search have to hold', (t) => {
  const failed = node({
    name: 'compute-2-7',
    rack: 2,
    rank: 7,
    bootState: 'failed',
    bootReason: 'No disk',
  });
  const nas = node({ name: 'nas', role: 'nas', rack: null, rank: null });
  const finds = (text: string) => [failed, nas].filter(filterOf(text)).map(({ name }) => name);
  t.deepEqual(finds(''), ['compute-2-7', 'nas']);
  t.deepEqual(finds('rack=0-3 state=fail'), ['compute-2-7']);
  t.deepEqual(finds('rack=none'), ['nas']);
  t.deepEqual(finds('rack=1,2 rank=7'), ['compute-2-7']);
  t.deepEqual(finds('rack='), ['compute-2-7', 'nas'], 'not finished yet');
  t.deepEqual(finds('rack=x'), []);
  t.deepEqual(finds('no DISK'), ['compute-2-7']);
  t.deepEqual(finds('role=nas rank=0'), []);
  t.deepEqual(finds('.*'), [], 'it is no pattern');
});

test('clicks select one, add one or a range', (t) => {
  const order = ['a', 'b', 'c', 'd', 'e'];
  const one = click(nothingSelected, 'b', { isRange: false, isToggle: false, order });
  t.deepEqual([...one.names], ['b']);
  const range = click(one, 'd', { isRange: true, isToggle: false, order });
  t.deepEqual([...range.names], ['b', 'c', 'd']);
  const back = click(range, 'a', { isRange: true, isToggle: false, order });
  t.deepEqual([...back.names], ['a', 'b'], 'from the same one');
  const more = click(back, 'e', { isRange: false, isToggle: true, order });
  t.deepEqual([...more.names], ['a', 'b', 'e']);
  const less = click(more, 'a', { isRange: false, isToggle: true, order });
  t.deepEqual([...less.names], ['b', 'e']);
  const gone = click({ names: new Set(), anchor: 'gone' }, 'c', {
    isRange: true,
    isToggle: false,
    order,
  });
  t.deepEqual([...gone.names], ['c']);
});

test('a rack is added as a whole, and taken away when all of it was selected', (t) => {
  t.deepEqual([...toggled(new Set(['a']), ['a', 'b'])], ['a', 'b']);
  t.deepEqual([...toggled(new Set(['a', 'b', 'c']), ['a', 'b'])], ['c']);
});

test('how far an install is follows its phases, and its packages where they are counted', (t) => {
  const at = (phase: 'booted' | 'packages' | 'post', done?: number, total: number | null = 200) =>
    fractionOf(
      node({
        ...{ name: 'a', bootState: 'installing' },
        progress: progress({
          phases: [{ name: phase, atMs: 0, detail: null }],
          packages: done === undefined ? null : { done, total },
        }),
      }),
    ) ?? -1;
  const steps = [
    at('booted'),
    at('packages', 0),
    at('packages', 100),
    at('packages', 200),
    at('post', 200),
  ];
  t.deepEqual(
    steps,
    steps.toSorted((a, b) => a - b),
  );
  t.is(at('packages', 500), at('packages', 200), 'more than all is all');
  t.is(at('packages', 3, null), at('packages', 3, 0));
  t.is(fractionOf(node({ name: 'a' })), undefined);
});

test('what an install has ended well for looks done', (t) => {
  const done = progress({ phases: [{ name: 'done', atMs: 0, detail: null }] });
  t.is(lookOf(node({ name: 'a', progress: done })), 'done');
  t.is(lookOf(node({ name: 'a', bootState: 'failed', progress: done })), 'failed');
  t.is(lookOf(node({ name: 'a' })), 'os');
});
