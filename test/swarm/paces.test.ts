import test from 'ava';
import { Paces } from '../../src/swarm/paces.ts';
import type { Peer } from '../../src/swarm/peer.ts';

const pieceLengthBytes = 65_536;

/** A peer that is asked for nothing at the moment, and who asks it. */
function createAsker({ frontend = false } = {}) {
  const peer = { frontend, blockBytes: pieceLengthBytes, receivedBytes: 0 } as Peer;
  let nowMs = 0;
  const paces = new Paces({
    downloads: { count: 0, countOf: () => 0 },
    pieceLengthBytes,
    limits: { inFlightBytes: 16 * 1024 * 1024 },
    nowMs: () => nowMs,
  });
  paces.add(peer);
  /** So many pieces come within a quarter of a second, each so long after it was asked for. */
  const comes = (count: number, tookMs: number) => {
    for (let piece = 0; piece < count; piece += 1) {
      peer.receivedBytes += pieceLengthBytes;
      paces.noteDone(peer, tookMs);
    }
    nowMs += 250;
    paces.measure(nowMs);
  };
  return { room: () => paces.roomOf(peer), comes };
}

test('who has given nothing yet is asked for one piece, a frontend for eight', (t) => {
  t.is(createAsker().room(), 1);
  t.is(createAsker({ frontend: true }).room(), 8);
});

test('a peer is asked for what it gives in a fifth of a second', (t) => {
  const { room, comes } = createAsker();
  for (let turn = 0; turn < 40; turn += 1) comes(10, 500);
  t.is(room(), 8, '40 pieces a second');
});

test('who answers quickly is asked for more before its rate is known, and no longer when it is slow', (t) => {
  const { room, comes } = createAsker();
  comes(8, 40);
  t.is(room(), 6, 'the rate alone would be worth 2');
  for (let turn = 0; turn < 10; turn += 1) comes(4, 400);
  t.is(room(), 4, '16 pieces a second');
});

test('that it answers quickly counts for eight pieces, or twice what its rate is worth', (t) => {
  const few = createAsker();
  few.comes(12, 40);
  t.is(few.room(), 8, 'twelve came quickly, and 14 a second are worth 3');
  const many = createAsker();
  for (let turn = 0; turn < 40; turn += 1) many.comes(25, 40);
  t.is(many.room(), 40, '100 pieces a second are worth 20');
});

test('no more than 128 pieces are asked of one peer', (t) => {
  const { room, comes } = createAsker();
  for (let turn = 0; turn < 40; turn += 1) comes(1000, 5);
  t.is(room(), 128);
});
