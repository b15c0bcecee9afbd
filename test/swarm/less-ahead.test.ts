import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import type { TreeSwarm } from '../../src/swarm/types.ts';
import { until } from '../support/raw-peer.ts';
import { createSwarmRack, fallbackOf, randomTorrent, readAll } from '../support/swarm-rack.ts';

const pieceBytes = 65_536;
const mebibyte = 2 ** 20;

test('a node that stops reading ahead fetches what is read, and nothing more', async (t) => {
  const { content, metainfo, source } = randomTorrent(24 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source, uploadBytesPerSecond: mebibyte });
  t.teardown(rack.close);
  const { host, swarm } = await rack.join(0);
  await until('the frontend is known', () => swarm.status().peers.length === 1);
  await readPieces(swarm, 0, 1);
  await until('it reads ahead', () => swarm.status().piecesHeld >= 8);
  host.stopReadingAhead();
  const held = await settled(swarm);
  t.true(held < 200, `${held} pieces of ${metainfo.pieceCount}`);
  const bytes = await readPieces(swarm, 350, 355);
  t.true(bytes.equals(content.subarray(350 * pieceBytes, 355 * pieceBytes)));
  t.is(await settled(swarm), held + 5);
});

test('nor the last few pieces of a tree, from the frontend or from others', async (t) => {
  const { content, metainfo, source } = randomTorrent(20 * pieceBytes);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const one = await rack.join(0, { fallback: fallbackOf(content) });
  const all = await readAll(one.swarm, { startByte: 0, endByte: content.length });
  t.true(all.equals(content));
  const other = await rack.join(1, { fallback: fallbackOf(content) });
  other.host.stopReadingAhead();
  await until('all have met', () => other.swarm.status().peers.length === 2);
  await readPieces(other.swarm, 3, 4);
  t.is(await settled(other.swarm), 1);
});

test('a tree that is joined later is not read ahead either', async (t) => {
  const { metainfo, source } = randomTorrent(4 * mebibyte);
  const rack = await createSwarmRack({ metainfo, source });
  t.teardown(rack.close);
  const { host, swarm: before } = await rack.join(0);
  host.stopReadingAhead();
  await before.close();
  const trackers = [rack.tracker.url];
  const swarm = await host.join({ metainfo, trackers, fallback: undefined });
  await until('the frontend is known', () => swarm.status().peers.length === 1);
  await readPieces(swarm, 0, 2);
  t.is(await settled(swarm), 2);
});

function readPieces(swarm: TreeSwarm, first: number, end: number): Promise<Buffer> {
  return readAll(swarm, { startByte: first * pieceBytes, endByte: end * pieceBytes });
}

/** How many pieces it holds when no more have come for a while. */
async function settled(swarm: TreeSwarm): Promise<number> {
  for (let turn = 0, before = -1; turn < 15; turn += 1) {
    const { piecesHeld } = swarm.status();
    if (piecesHeld === before) return piecesHeld;
    before = piecesHeld;
    await sleep(1_200);
  }
  throw new Error(`expected an end, it holds ${swarm.status().piecesHeld} pieces by now`);
}
