import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import fc from 'fast-check';
import { NodesError } from '../../../src/frontend/nodes/errors.ts';
import { readNodes } from '../../../src/frontend/nodes/node-rows.ts';
import { macOf, openStore } from './fixture.ts';

const operator = fileURLToPath(new URL('operator.ts', import.meta.url));

test('a selection is changed or removed as a whole, or not at all', async (t) => {
  const { store, database } = await openStore(t);
  for (let at = 0; at < 6; at += 1) {
    store.add({ name: `compute-0-${at}`, macs: [macOf(at)], address: `10.1.1.${at + 1}` });
  }
  const before = store.all();
  const failing = [
    [() => store.setAll(['rack=0'], { role: 'bad role' }), 'bad-role'],
    [() => store.setAll(['rack=0', 'nobody'], { rack: 1 }), 'unknown'],
    [() => store.setAll(['rack=9'], { rack: 1 }), 'nothing-selected'],
    [() => store.setAll(['rack=0'], { address: '10.1.1.99' }), 'bad-selection'],
    [() => store.setAll(['compute-0-0'], { address: '10.1.1.2' }), 'taken'],
    [() => store.removeAll(['compute-0-0', 'nobody']), 'unknown'],
    [() => store.removeAll([]), 'nothing-selected'],
    [() => store.boot(['rack=0', 'nobody'], 'install'), 'unknown'],
  ] as const;
  for (const [work, code] of failing) t.throws(work, { instanceOf: NodesError, code });
  t.deepEqual(store.all(), before);
  t.is(store.setAll(['rack=0'], { rack: 4, address: null }).length, 6);
  t.true(store.all().every(({ rack, address }) => rack === 4 && address === undefined));
  t.deepEqual(
    store.removeAll(['compute-0-[0-3]']).map(({ name }) => name),
    before.slice(0, 4).map(({ name }) => name),
  );
  t.deepEqual(
    readNodes(database).map(({ name }) => name),
    ['compute-0-4', 'compute-0-5'],
  );
});

test('addresses, MACs and UUIDs pass from one node to another in one change', async (t) => {
  const { store, database } = await openStore(t);
  const uuidOf = (at: number) => `4c4c4544-0042-3510-8056-b4c04f4b4d0${at}`;
  const count = 5;
  for (let at = 0; at < count; at += 1) {
    const identity = { macs: [macOf(at)], address: `10.1.1.${at + 1}`, uuid: uuidOf(at) };
    store.add({ name: `n-${at}`, ...identity });
  }
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: count });
  const property = fc.property(order, order, order, (macs, addresses, uuids) => {
    store.change(() =>
      store.all().map((before, at) => ({
        before,
        after: {
          ...before,
          macs: [macOf(macs[at] ?? 0)],
          address: `10.1.1.${(addresses[at] ?? 0) + 1}`,
          uuid: uuidOf(uuids[at] ?? 0),
        },
      })),
    );
    const byName = new Map(readNodes(database).map((node) => [node.name, node]));
    for (const node of store.all()) {
      t.deepEqual(byName.get(node.name), node);
      t.is(store.byMac(node.macs[0] ?? ''), node);
      t.is(store.byAddress(node.address ?? ''), node);
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 50 }));
});

test('two operators at once do not lose each other’s changes', async (t) => {
  const { store, path } = await openStore(t);
  for (let at = 0; at < 10; at += 1) store.add({ name: `n-${at}`, macs: [macOf(at)] });
  const rounds = 40;
  const operators = ['rack', 'rank'].map((field) =>
    spawn(process.execPath, [operator, path, field, String(rounds)], { stdio: 'ignore' }),
  );
  const codes = await Promise.all(operators.map(exitCodeOf));
  t.deepEqual(codes, [0, 0]);
  store.refresh();
  for (const node of store.all()) {
    t.like(node, {
      rack: rounds,
      rank: rounds,
      dhcpOptions: { 200: `${rounds}`, 201: `${rounds}` },
    });
  }
});

async function exitCodeOf(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'exit');
  return code;
}
