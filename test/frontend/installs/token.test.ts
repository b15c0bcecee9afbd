import { randomBytes } from 'node:crypto';
import test from 'ava';
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
  for (const token of tokens) {
    t.is(findTokenHolder({ all: () => counted }, token, key).kind, 'node');
  }
  t.true(
    asked.every((count) => count <= 2),
    'one is held against one',
  );
});

test('each arming is an install of its own, and only its own token is its', async (t) => {
  const { store } = await openStore(t);
  const key = randomBytes(32);
  for (const name of ['a', 'b']) store.add({ name, macs: [macOf(name.charCodeAt(0))] });
  const first = store.boot(['a', 'b'], 'install');
  const tokens = first.map((node) => installTokenOf(node, key));
  t.is(new Set(tokens).size, 2);
  t.like(findTokenHolder(store, tokens[1] ?? '', key), { kind: 'node', node: { name: 'b' } });
  store.happen('b', { kind: 'boot-file' });
  store.boot(['b'], 'install');
  t.like(findTokenHolder(store, tokens[1] ?? '', key), { kind: 'stale', node: { name: 'b' } });
  const forged = installTokenOf({ name: 'b', installNumber: 2 }, randomBytes(32));
  for (const token of [forged, '', '0-', `0-${'0'.repeat(32)}`, `${tokens[0]}0`]) {
    t.is(findTokenHolder(store, token, key).kind, 'unknown');
  }
});
