import test from 'ava';
import fc from 'fast-check';
import { FlowMatrix } from '../../src/tracker/flow-matrix.ts';
import { planFlows } from '../../src/tracker/flow-view.ts';
import { Flows } from '../../src/tracker/flows.ts';
import { OffenderList } from '../../src/tracker/offender-list.ts';
import { createPlaces } from '../../src/tracker/places.ts';

const places = createPlaces({
  placeOf: (address) =>
    address.startsWith('10.1.') ? { node: `compute-${address}`, rack: 3 } : undefined,
  isInNetworks: (address) => address.startsWith('10.') || address.startsWith('fd00:'),
});
const at = (address: string, port = 6881) => ({ address, port });

test('a rack is the node database’s, else the network, and a stranger has none', (t) => {
  t.is(places.rackOf('10.1.0.9'), 'rack 3');
  t.is(places.rackOf('10.2.7.9'), '10.2.7.0/24');
  t.is(places.rackOf('127.0.0.5'), '127.0.0.0/24');
  t.is(places.rackOf('fd00:1:2:3:4::5'), 'fd00:1:2:3::/64');
  t.is(places.rackOf('203.0.113.7'), 'others');
});

test('a node is its name, else its address, on loopback with the port', (t) => {
  t.is(places.nodeOf(at('10.1.0.9')), 'compute-10.1.0.9');
  t.is(places.nodeOf(at('10.2.0.9')), '10.2.0.9');
  t.is(places.nodeOf(at('127.0.0.1', 7001)), '127.0.0.1:7001');
  t.is(places.nodeOf(at('203.0.113.7')), 'others');
});

const names = fc.constantFrom('frontend', 'a 10', 'a 9', 'b', 'c', 'd', 'others');
const flow = fc.tuple(names, names, fc.integer({ min: 0, max: 1_000 }));

test('whatever is added, no byte is lost and there are never more names than it holds', (t) => {
  const property = fc.property(
    fc.array(flow, { maxLength: 60, size: 'max' }),
    fc.integer({ min: 1, max: 8 }),
    (all, mostNames) => {
      const matrix = new FlowMatrix(mostNames);
      for (const [from, to, sizeBytes] of all) {
        matrix.admit(to);
        matrix.add(from, to, sizeBytes);
      }
      const { sources, receivers, bytes } = matrix.snapshot();
      const sum = bytes.flat().reduce((one, other) => one + other, 0);
      return (
        sum === all.reduce((total, [, , sizeBytes]) => total + sizeBytes, 0) &&
        new Set([...sources, ...receivers]).size <= mostNames + 1 &&
        bytes.length === sources.length &&
        bytes.every((row) => row.length === receivers.length)
      );
    },
  );
  t.notThrows(() => fc.assert(property));
});

test('the frontend stands first, names are in the order of people, the rest is last', (t) => {
  const matrix = new FlowMatrix(3);
  for (const name of ['a 10', 'a 9', 'frontend', 'b']) matrix.admit(name);
  matrix.add('a 10', 'a 9', 1);
  matrix.add('frontend', 'a 10', 2);
  matrix.add('b', 'a 9', 4);
  t.deepEqual(matrix.snapshot(), {
    sources: ['frontend', 'a 10', 'others'],
    receivers: ['a 9', 'a 10'],
    bytes: [
      [0, 2],
      [1, 0],
      [4, 0],
    ],
  });
});

test('ten thousand nodes are told by rack, and the page stays one that can be read', (t) => {
  const flows = new Flows(places);
  for (let node = 0; node < 10_000; node += 1) {
    const to = at(`10.2.${node >> 8}.${node & 255}`);
    flows.admit(to);
    flows.addFromFrontend(to, 1);
    flows.addFromPeer(at(`10.2.${(node + 256) >> 8}.1`), to, 2);
  }
  const { byNode, byRack } = flows.snapshot();
  t.is(byNode, null);
  t.true(byRack.receivers.length <= 65);
  t.is(
    byRack.bytes.flat().reduce((one, other) => one + other, 0),
    30_000,
  );
  const { matrices } = planFlows({ flows: flows.snapshot() });
  t.deepEqual(
    matrices.map(({ title }) => title),
    ['By rack, in B'],
  );
});

test('few nodes are told one by one; before anything is told there is nothing to show', (t) => {
  const flows = new Flows(places);
  t.like(planFlows({ flows: flows.snapshot() }), { isEmpty: true, matrices: [] });
  for (const address of ['10.2.0.1', '10.2.0.2', '10.3.0.1']) flows.admit(at(address));
  t.true(flows.addFromPeer(at('10.2.0.1'), at('10.2.0.2'), 2_097_152));
  t.false(flows.addFromPeer(at('10.3.0.1'), at('10.2.0.2'), 1_048_576));
  const [matrix, ...others] = planFlows({ flows: flows.snapshot() }).matrices;
  t.is(matrix?.title, 'By node, in KiB');
  t.deepEqual(others, [], 'of one rack there is no matrix of racks');
  t.like(matrix?.matrix, { received: ['3072'], fromPeers: ['100'] });
  const look = { isFirst: true };
  t.deepEqual(matrix?.matrix.rows, [
    {
      ...{ source: '10.2.0.1', isFirst: true, total: '2048' },
      cells: [{ text: '2048', weight: 10, kind: 'rack', ...look }],
    },
    {
      ...{ source: '10.3.0.1', isFirst: true, total: '1024' },
      cells: [{ text: '1024', weight: 8, kind: 'racks', ...look }],
    },
  ]);
});

test('nodes are in the order of their racks, whatever they are called', (t) => {
  const racks = new Map([
    ['10.1.0.1', 10],
    ['10.1.0.2', 9],
    ['10.1.0.3', 9],
  ]);
  const named = createPlaces({
    placeOf: (address) => ({ node: `z${address}`, rack: racks.get(address) }),
    isInNetworks: () => true,
  });
  const flows = new Flows(named);
  for (const address of racks.keys()) flows.admit(at(address));
  for (const address of racks.keys()) flows.addFromPeer(at('10.1.0.1'), at(address), 1);
  t.like(flows.snapshot().byNode, {
    receivers: ['z10.1.0.2', 'z10.1.0.3', 'z10.1.0.1'],
    receiverRacks: ['rack 9', 'rack 9', 'rack 10'],
  });
});

test('one that lies of many who are not there fills no page: they are among the others', (t) => {
  const flows = new Flows(places);
  for (const address of ['10.2.0.1', '10.2.0.2', '10.9.0.9']) flows.admit(at(address));
  for (let index = 0; index < 1_000; index += 1) {
    flows.addFromPeer(at(`10.${index % 250}.${index >> 2}.7`), at('10.9.0.9'), 1);
  }
  flows.addFromPeer(at('10.2.0.1'), at('10.2.0.2'), 5);
  const { byNode, byRack } = flows.snapshot();
  t.deepEqual(byNode?.sources, ['10.2.0.1', 'others']);
  t.deepEqual(byNode?.receivers, ['10.2.0.2', '10.9.0.9']);
  t.deepEqual(byNode?.bytes, [
    [5, 0],
    [0, 1_000],
  ]);
  t.true(byRack.sources.includes('10.2.0.0/24') && byRack.sources.length <= 3);
});

test('of offenders those heard of last are kept, and the same again counts up', (t) => {
  const list = new OffenderList();
  for (let index = 0; index < 300; index += 1) {
    list.add(
      { address: `10.1.0.${index}`, reason: 'lies', by: 'a' },
      { needsTwo: false, nowMs: index },
    );
  }
  list.add({ address: '10.1.0.250', reason: 'lies', by: 'b' }, { needsTwo: false, nowMs: 10_000 });
  const kept = list.list(12_000);
  t.is(kept.length, 100);
  t.deepEqual(kept[0], {
    ...{ address: '10.1.0.250', reason: 'lies', by: 'b', reports: 2, secondsAgo: 2 },
  });
  t.is(list.reports, 301);
});

test('what may be the way between two is said of a peer when two say it', (t) => {
  const list = new OffenderList();
  const say = (by: string, nowMs: number, reason = 'gives nothing') =>
    list.add({ address: '10.1.0.9', reason, by }, { needsTwo: true, nowMs });
  say('a', 0);
  say('a', 1_000);
  t.deepEqual(list.list(1_000), []);
  say('b', 40_000);
  t.deepEqual(list.list(40_000), [], 'too long after the other');
  say('c', 41_000, 'is slow');
  t.like(list.list(41_000), [{ reason: 'is slow', by: 'c', reports: 1 }]);
  say('c', 90_000, 'is slow');
  t.is(list.reports, 2, 'it is known by now');
  say('c', 900_000, 'is slow');
  t.is(list.reports, 2, 'that was long ago');
});
