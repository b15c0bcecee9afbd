import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { createTree } from '../../src/installer-agent/tree.ts';
import { createTreeIndex } from '../../src/protocol/tree-index.ts';
import { silentLog } from '../../src/runtime/log.ts';
import type { TreeSwarm } from '../../src/swarm/types.ts';
import { makeKeys, makeSmallTree } from '../support/small-tree.ts';

const { manifest, metainfo } = makeSmallTree({ keys: makeKeys(), files: { a: 'a' } });
const limits = { swarmPatienceMs: 30_000, doubtfulPatienceMs: 3_000, doubtMs: 100, rejoinMs: 1 };

/** A tree whose swarm has received as much as is said. */
async function joinTree() {
  const received = { bytes: 0 };
  const status = () => ({
    infohash: metainfo.infohash,
    piecesHeld: 0,
    pieceCount: 1,
    peers: [],
    offenders: [],
    counters: {
      receivedFromFrontendBytes: 0,
      receivedFromPeersBytes: received.bytes,
      receivedByHttpBytes: 0,
      sentBytes: 0,
      badPieces: 0,
    },
  });
  const nothing = { read: async () => {}, expect: () => {}, close: async () => {} };
  const swarm: TreeSwarm = { metainfo, status, ...nothing };
  const fallback = { fetch: async () => undefined };
  const index = createTreeIndex(manifest);
  const tree = createTree({
    facts: { name: 'lab', generation: 1, metainfo, index, fallback },
    openSwarm: async () => swarm,
    openOrder: () => ({ begin: () => () => {}, close: () => {} }),
    limits,
    log: silentLog,
  });
  await tree.join();
  return { tree, received };
}

test('a swarm that failed a reader is waited for less, until it has given something again', async (t) => {
  const { tree, received } = await joinTree();
  t.is(tree.patienceMs(), 30_000);
  tree.noteFailure(new Error('nothing came'));
  t.is(tree.patienceMs(), 3_000);
  await sleep(150);
  t.is(tree.patienceMs(), 3_000, 'nothing came since');
  received.bytes += 65_536;
  t.is(tree.patienceMs(), 30_000);
  t.is(tree.patienceMs(), 30_000);
});

test('what it gives does not end the doubt at once', async (t) => {
  const { tree, received } = await joinTree();
  received.bytes = 1_000;
  tree.noteFailure(new Error('nothing came'));
  received.bytes += 65_536;
  t.is(tree.patienceMs(), 3_000);
  await sleep(150);
  t.is(tree.patienceMs(), 30_000);
});

test('a tree that the frontend does not list is not waited for as long', async (t) => {
  const { tree } = await joinTree();
  tree.noteUnlisted();
  t.is(tree.patienceMs(), 3_000);
});
