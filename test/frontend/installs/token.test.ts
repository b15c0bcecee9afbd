import { randomBytes } from 'node:crypto';
import test from 'ava';
import { createEndedInstalls } from '../../../src/frontend/installs/ended-installs.ts';
import { findTokenHolder, installTokenOf } from '../../../src/frontend/installs/token.ts';
import type { MachineNode } from '../../../src/frontend/nodes/types.ts';
import { macOf, openStore } from '../nodes/fixture.ts';

test('a thousand tokens are told apart soon, though each was never seen before', (t) => {
  const key = randomBytes(32);
  const nodes = Array.from({ length: 1000 }, (_, at) => {
    return { name: `compute-0-${at}`, installNumber: at + 1 } as MachineNode;
  });
  const tokens = nodes.map((node) => installTokenOf(node, key));
  const asked = nodes.map(() => 0);
  const counted = nodes.map((node, at) => ({
    get name() {
      asked[at] = (asked[at] ?? 0) + 1;
      return node.name;
    },
    installNumber: node.installNumber,
  })) as unknown as readonly MachineNode[];
  const store = { all: () => counted, byName: () => undefined, nameOfEnded: () => undefined };
  for (const token of tokens) {
    t.is(findTokenHolder(store, token, key).kind, 'node');
  }
  t.true(
    asked.every((count) => count <= 2),
    'one is held against one',
  );
});

test('a token that is none costs no more, nor does that of an ended install', (t) => {
  const key = randomBytes(32);
  let asked = 0;
  const nodes = Array.from({ length: 1000 }, (_, at) => ({
    get name() {
      asked += 1;
      return `compute-0-${at}`;
    },
    installNumber: at + 1001,
  })) as unknown as readonly MachineNode[];
  const store = {
    all: () => nodes,
    byName: (name: string) => (name === 'compute-0-7' ? nodes[7] : undefined),
    nameOfEnded: (installNumber: number) => (installNumber === 8 ? 'compute-0-7' : undefined),
  };
  const kindOf = (token: string) => findTokenHolder(store, token, key).kind;
  for (const number of [1, 8, 999, 1008, 5000])
    t.is(kindOf(`${number}-${'0'.repeat(32)}`), 'unknown');
  t.is(kindOf(installTokenOf({ name: 'compute-0-7', installNumber: 8 }, key)), 'stale');
  t.true(asked <= 5, `${asked} were looked at`);
});

test('of ended installs the latest are remembered, and no more than that', async (t) => {
  const { store } = await openStore(t);
  const { nameOf, close } = createEndedInstalls(store, { most: 2 });
  store.add({ name: 'a', macs: [macOf(1)] });
  for (let install = 1; install <= 4; install += 1) {
    store.boot(['a'], 'install');
    store.happen('a', { kind: 'boot-file' });
  }
  t.deepEqual([1, 2, 3, 4].map(nameOf), [undefined, 'a', 'a', undefined]);
  close();
  store.boot(['a'], 'install');
  t.is(nameOf(4), undefined);
});

test('each arming is an install of its own, and only its own token is its', async (t) => {
  const { store } = await openStore(t);
  const nodes = { ...store, nameOfEnded: createEndedInstalls(store).nameOf };
  const key = randomBytes(32);
  for (const name of ['a', 'b']) store.add({ name, macs: [macOf(name.charCodeAt(0))] });
  const first = store.boot(['a', 'b'], 'install');
  const tokens = first.map((node) => installTokenOf(node, key));
  t.is(new Set(tokens).size, 2);
  t.like(findTokenHolder(nodes, tokens[1] ?? '', key), { kind: 'node', node: { name: 'b' } });
  store.happen('b', { kind: 'boot-file' });
  store.boot(['b'], 'install');
  t.like(findTokenHolder(nodes, tokens[1] ?? '', key), { kind: 'stale', node: { name: 'b' } });
  const forged = installTokenOf({ name: 'b', installNumber: 2 }, randomBytes(32));
  for (const token of [forged, '', '0-', `0-${'0'.repeat(32)}`, `${tokens[0]}0`]) {
    t.is(findTokenHolder(nodes, token, key).kind, 'unknown');
  }
});
