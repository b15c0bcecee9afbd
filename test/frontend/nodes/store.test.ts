import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { NewNode, NodePatch } from '../../../src/frontend/nodes/documents.ts';
import { NodesError } from '../../../src/frontend/nodes/errors.ts';
import type { NodeChange } from '../../../src/frontend/nodes/node-index.ts';
import { readNodes } from '../../../src/frontend/nodes/node-rows.ts';
import type { NodeStore } from '../../../src/frontend/nodes/store.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { macOf, openNodesDatabase, openStore } from './fixture.ts';

const uuid = '4c4c4544-0042-3510-8056-b4c04f4b4d31';
const compute = { name: 'compute-0-1', macs: [macOf(1), macOf(2)], address: '10.1.1.1', uuid };

const now = 1_700_000_000_000;

test('a node is found by all that it is known by, also after a restart', async (t) => {
  const { store, path } = await openStore(t, undefined, () => now);
  const added = store.add(compute);
  t.deepEqual(added, {
    ...compute,
    role: 'compute',
    rack: 0,
    rank: 1,
    clientClasses: undefined,
    dhcpOptions: {},
    bootAction: 'os',
    bootState: 'os',
    bootReason: undefined,
    stateAtMs: now,
    installNumber: 0,
  });
  for (const nodes of [store, (await openStore(t, path)).store]) {
    t.deepEqual(nodes.byName('compute-0-1'), added);
    t.deepEqual(nodes.byMac(macOf(2)), added);
    t.deepEqual(nodes.byAddress('10.1.1.1'), added);
    t.deepEqual(nodes.byUuid(uuid), added);
    t.deepEqual(nodes.all(), [added]);
  }
});

test('role, rack and rank come from the name unless they are given', async (t) => {
  const { store } = await openStore(t);
  const placeOf = (node: NewNode) => {
    const { role, rack, rank } = store.add(node);
    return [role, rack, rank];
  };
  t.deepEqual(placeOf({ name: 'web-node-3-12', macs: [macOf(1)] }), ['web-node', 3, 12]);
  t.deepEqual(placeOf({ name: 'login', macs: [macOf(2)] }), ['compute', undefined, undefined]);
  const given = { name: 'compute-0-7', macs: [macOf(3)], role: 'nas', rack: null, rank: 9 };
  t.deepEqual(placeOf(given), ['nas', undefined, 9]);
});

test('what another node has is refused, and says whose it is', async (t) => {
  const { store } = await openStore(t);
  store.add(compute);
  const other = { name: 'compute-0-2', macs: [macOf(3)] };
  const clashes: readonly NewNode[] = [
    { name: 'compute-0-1', macs: [macOf(3)] },
    { ...other, macs: [macOf(3), macOf(2).toUpperCase()] },
    { ...other, address: '10.1.1.1' },
    { ...other, uuid: uuid.toUpperCase() },
  ];
  for (const clash of clashes) {
    const expectation = { instanceOf: NodesError, code: 'taken', message: /that of 'compute-0-1'/ };
    t.throws(() => store.add(clash), expectation);
  }
  store.add(other);
  t.throws(() => store.set('compute-0-2', { address: '10.1.1.1' }), { code: 'taken' });
  store.set('compute-0-1', { address: null });
  t.is(store.set('compute-0-2', { address: '10.1.1.1' }).address, '10.1.1.1');
});

test('a change touches what it names; null unsets', async (t) => {
  const { store } = await openStore(t);
  const before = store.add({ ...compute, clientClasses: ['PXEClient'] });
  const after = store.set('compute-0-1', { rack: 4, uuid: null, clientClasses: null });
  t.deepEqual(after, { ...before, rack: 4, uuid: undefined, clientClasses: undefined });
  t.is(store.byUuid(uuid), undefined);
  store.set('compute-0-1', { macs: [macOf(9)], clientClasses: [] });
  t.is(store.byMac(macOf(1)), undefined);
  t.is(store.byMac(macOf(9))?.name, 'compute-0-1');
  t.deepEqual(store.byName('compute-0-1')?.clientClasses, []);
});

test('booting is for all that are named or for none', async (t) => {
  const { store } = await openStore(t);
  store.add(compute);
  store.add({ name: 'compute-0-2', macs: [macOf(3)] });
  const both = ['compute-0-1', 'compute-0-2'];
  t.throws(() => store.boot([...both, 'nobody', 'none'], 'install'), {
    instanceOf: NodesError,
    code: 'unknown',
    message: /got 'nobody', 'none'; see/,
  });
  t.throws(() => store.boot(both, 'instal'), { code: 'bad-action', message: /mean 'install'\?/ });
  t.true(store.all().every(({ bootAction }) => bootAction === 'os'));
  const booted = store.boot([...both, 'compute-0-1'], 'install');
  t.deepEqual(
    booted.map(({ name, bootAction, bootState }) => [name, bootAction, bootState]),
    both.map((name) => [name, 'install', 'install']),
  );
});

test('a failed install stays one while a rescue system runs, until an operator says otherwise', async (t) => {
  const { store } = await openStore(t);
  store.add(compute);
  store.boot(['compute-0-1'], 'install');
  store.happen('compute-0-1', { kind: 'failure' });
  t.is(store.boot(['compute-0-1'], 'rescue')[0]?.bootState, 'failed');
  t.is(store.boot(['compute-0-1'], 'os')[0]?.bootState, 'os');
  t.is(store.boot(['compute-0-1'], 'rescue')[0]?.bootState, 'os');
});

test('listeners hear of each change once, and no more when they have left', async (t) => {
  const { store } = await openStore(t);
  const heard: NodeChange[][] = [];
  const leave = store.onChange((changes) => void heard.push([...changes]));
  const added = store.add(compute);
  t.throws(() => store.add(compute));
  const booted = store.boot(['compute-0-1'], 'install')[0];
  store.remove('compute-0-1');
  t.throws(() => store.remove('compute-0-1'), { code: 'unknown' });
  leave();
  store.add(compute);
  t.deepEqual(heard, [
    [{ before: undefined, after: added }],
    [{ before: added, after: booted }],
    [{ before: booted, after: undefined }],
  ]);
});

test('what another process writes is seen, and nothing is planned on what is no longer so', async (t) => {
  const { store, path } = await openStore(t);
  const { store: other } = await openStore(t, path);
  other.add(compute);
  t.is(store.byName('compute-0-1'), undefined);
  t.throws(() => store.add({ name: 'b', macs: [macOf(1)] }), { code: 'taken' });
  const heard: NodeChange[] = [];
  store.onChange((changes) => void heard.push(...changes));
  other.remove('compute-0-1');
  other.add({ name: 'c', macs: [macOf(1)] });
  store.refresh();
  store.refresh();
  t.deepEqual(
    heard.map(({ before, after }) => [before?.name, after?.name]),
    [
      ['compute-0-1', undefined],
      [undefined, 'c'],
    ],
  );
});

test('1,000 nodes are re-armed at once, and no file is written besides the database', async (t) => {
  const { store, path } = await openStore(t);
  for (let at = 0; at < 1000; at += 1) {
    const address = `10.1.${Math.floor(at / 250)}.${(at % 250) + 1}`;
    store.add({ name: `compute-${Math.floor(at / 40)}-${at % 40}`, macs: [macOf(at)], address });
  }
  const names = store.all().map(({ name }) => name);
  t.deepEqual(names.slice(0, 3), ['compute-0-0', 'compute-0-1', 'compute-0-2']);
  const startMs = performance.now();
  t.is(store.boot(names, 'install').length, 1000);
  t.log(`${(performance.now() - startMs).toFixed(1)} ms`);
  t.true(store.all().every(({ bootState }) => bootState === 'install'));
  t.deepEqual((await readdir(dirname(path))).toSorted(), [
    'scree.db',
    'scree.db-shm',
    'scree.db-wal',
  ]);
});

type Operation = (store: NodeStore) => unknown;

// Few of everything, so that they meet.
const name = fc.constantFrom('a', 'b-0-1', 'c', 'compute-0-2', 'no name');
const mac = fc.constantFrom(...[1, 2, 3, 4].map(macOf), macOf(5).toUpperCase(), 'no mac');
const macs = fc.array(mac, { maxLength: 3 });
const patch: fc.Arbitrary<NodePatch> = fc.record(
  {
    macs,
    address: fc.constantFrom(null, '10.1.1.1', '10.1.1.2', '10.1.1.3', 'none'),
    uuid: fc.constantFrom(null, uuid, uuid.replace('4c', '5d')),
    role: fc.constantFrom('compute', 'nas', ''),
    rack: fc.constantFrom(null, 0, 1, -1),
    rank: fc.constantFrom(null, 0, 1),
    clientClasses: fc.constantFrom(null, [], ['PXEClient', 'd-i']),
    dhcpOptions: fc.constantFrom(null, { mtu: 9000 }, { 26: '1500', ntp: ['10.1.1.1'] }, { no: 1 }),
  },
  { requiredKeys: [] },
);
const event = fc.constantFrom('boot-file', 'kickstart', 'success', 'failure' as const);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.tuple(name, macs, patch).map(
    ([name, macs, rest]): Operation =>
      (store) =>
        store.add({ ...rest, name, macs }),
  ),
  fc.tuple(name, patch).map(
    ([name, patch]): Operation =>
      (store) =>
        store.set(name, patch),
  ),
  name.map(
    (name): Operation =>
      (store) =>
        store.remove(name),
  ),
  fc.tuple(fc.array(name, { maxLength: 3 }), fc.constantFrom('os', 'install', 'no')).map(
    ([names, action]): Operation =>
      (store) =>
        store.boot(names, action),
  ),
  fc.tuple(name, event).map(
    ([name, kind]): Operation =>
      (store) =>
        store.happen(name, { kind }),
  ),
);

test('after any operations of two processes, memory and database say the same', async (t) => {
  const { store, database, path } = await openStore(t);
  const { store: other } = await openStore(t, path);
  const reader = openNodesDatabase(t, path);
  const steps = fc.array(fc.tuple(fc.boolean(), operation), { size: 'max', maxLength: 40 });
  t.notThrows(() =>
    fc.assert(
      fc.property(steps, (steps) => {
        database.transaction(() => {
          database.run('DELETE FROM nodes');
          database.run('UPDATE revision SET value = value + 1');
        });
        for (const [isOther, operate] of steps) {
          const one = isOther ? other : store;
          try {
            operate(one);
          } catch (error) {
            if (!(error instanceof NodesError)) throw error;
          }
          one.refresh();
          const written = readNodes(reader);
          t.deepEqual(byName(one.all()), byName(written));
          expectFound(one, written);
        }
      }),
      { numRuns: 60 },
    ),
  );
});

function byName(nodes: readonly MachineNode[]): readonly MachineNode[] {
  return nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Every key leads to its node, and no other key to any. */
function expectFound(store: NodeStore, written: readonly MachineNode[]): void {
  const holderOf = (has: (node: MachineNode) => boolean) => written.find(has)?.name;
  const pairs = [
    ...[1, 2, 3, 4, 5]
      .map(macOf)
      .map((mac) => [store.byMac(mac)?.name, holderOf((node) => node.macs.includes(mac))]),
    ...['10.1.1.1', '10.1.1.2', '10.1.1.3'].map((address) => [
      store.byAddress(address)?.name,
      holderOf((node) => node.address === address),
    ]),
    [store.byUuid(uuid)?.name, holderOf((node) => node.uuid === uuid)],
  ];
  const wrong = pairs.filter(([found, expected]) => found !== expected);
  if (wrong.length > 0) throw new Error(`expected what was written, got ${JSON.stringify(wrong)}`);
}
