import { randomBytes } from 'node:crypto';
import test from 'ava';
import { findTokenHolder, installTokenOf } from '../../../src/frontend/installs/token.ts';
import { macOf, openStore } from '../nodes/fixture.ts';

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
