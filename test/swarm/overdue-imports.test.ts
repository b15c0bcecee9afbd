import test from 'ava';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { VirtualTime } from '../../src/simulator/simulate/virtual-time.ts';
import { Demand } from '../../src/swarm/demand.ts';
import { Downloads } from '../../src/swarm/downloads.ts';
import { OwnRack } from '../../src/swarm/own-rack.ts';
import type { Peer } from '../../src/swarm/peer.ts';
import { PieceBook } from '../../src/swarm/piece-book.ts';
import { RackOrder } from '../../src/swarm/rack-order.ts';
import { Requests } from '../../src/swarm/requests.ts';
import { PieceBuffers } from '../../src/swarm/store/piece-buffers.ts';
import { randomTorrent } from '../support/swarm-rack.ts';

const { metainfo } = randomTorrent(1_000_000);
const { pieceCount, pieceLengthBytes } = metainfo;

/** A machine of rack 1 with the peers that are given, as `name: rack`, and what each of them is asked for. */
function openRack(racks: Readonly<Record<string, number>>) {
  const time = new VirtualTime();
  const asked: string[] = [];
  const peers = Object.entries(racks).map(([id, rack]) => {
    const sendRange = (_: string, { piece }: { readonly piece: number }) => {
      asked.push(`${id}: ${piece}`);
    };
    const nothing = () => {};
    const wire = {
      closed: false,
      unsentBytes: 0,
      send: nothing,
      sendBlock: nothing,
      close: nothing,
    };
    const named = { donthaveId: undefined, screeId: 2, frontend: false, client: '', listenPort: 1 };
    const extended = { ...named, rack, requestQueueLength: 500 };
    const frontend = id === 'frontend';
    const facts = { id, frontend, unchoked: true, receivedBytes: 1, blockBytes: 65_536 };
    const pieces = new Bitfield(pieceCount);
    const told = { sendRange, sendClaims: nothing };
    return { ...facts, ...told, wire, extended, pieces } as Partial<Peer> as Peer;
  });
  const limits = { urgentPieces: 8, soonPieces: 0, aheadPieces: 0, inFlightBytes: 2 ** 23 };
  const demand = new Demand(pieceCount, limits);
  const book = new PieceBook(pieceCount, undefined, time.nowMs);
  const buffers = new PieceBuffers(pieceLengthBytes);
  const downloads = new Downloads(metainfo, buffers);
  const rack = new OwnRack({
    ...{ pieceCount, ownId: 'own', clock: time, peers: () => peers, pieceMs: () => 1_000 },
  });
  const requests = new Requests({
    ...{ book, demand, downloads, rack, pieceLengthBytes, limits, peers: () => peers },
    ...{ isElsewhere: () => false, mayAsk: () => true, mayReadAhead: () => false },
    offenders: { noteLate: () => {} },
    surroundings: { clock: time, random: () => 0 },
  });
  rack.settle(1);
  for (const peer of peers) requests.add(peer);
  rack.tick();
  const peerOf = (id: string): Peer => {
    const peer = peers.find((each) => each.id === id);
    if (peer === undefined) throw new Error(`expected a peer ${id}`);
    return peer;
  };
  const has = (id: string, piece: number) => {
    const peer = peerOf(id);
    peer.pieces.add(piece);
    rack.peerHas(peer, [piece]);
    book.peerHas([piece]);
    requests.noteOffer(peer, [piece]);
  };
  const pass = async (ms: number) => {
    let passed = false;
    time.after(ms, () => {
      passed = true;
    });
    while (!passed) await time.step();
  };
  const read = (piece: number) => demand.open({ first: piece, end: piece + 1 });
  return { requests, rack, peerOf, asked, read, has, pass };
}

test('what is overdue is not imported while a mate holds it; a second mate is asked for it', async (t) => {
  const { requests, asked, read, has, pass } = openRack({ mate: 1, far: 2 });
  read(0);
  has('mate', 0);
  has('far', 0);
  requests.fillAll();
  t.deepEqual(asked, ['mate: 0']);
  await pass(requests.overdueMs + 1);
  requests.tick([0], []);
  t.deepEqual(asked, ['mate: 0'], 'the mate gives what it is asked for late');
  requests.tick([0], [0]);
  t.deepEqual(asked, ['mate: 0', 'far: 0'], 'it does not');

  const two = openRack({ mate: 1, other: 1, far: 2 });
  two.read(0);
  for (const id of ['mate', 'other', 'far']) two.has(id, 0);
  two.requests.fillAll();
  await two.pass(two.requests.overdueMs + 1);
  two.requests.tick([0], []);
  t.deepEqual(two.asked.toSorted(), ['mate: 0', 'other: 0']);
});

test('what the frontend shows meanwhile is asked of it, whoever holds it', async (t) => {
  const { requests, asked, read, has, pass } = openRack({ mate: 1, far: 2, frontend: 0 });
  read(0);
  has('mate', 0);
  has('far', 0);
  requests.fillAll();
  await pass(requests.overdueMs + 1);
  has('frontend', 0);
  requests.tick([0], []);
  t.deepEqual(asked, ['mate: 0', 'frontend: 0']);
});

test('what a mate has said that it imports is left to it, until that is not believed any more', async (t) => {
  const { requests, rack, peerOf, asked, read, has, pass } = openRack({ mate: 1, far: 2 });
  read(0);
  rack.claimed(peerOf('mate'), [0]);
  has('far', 0);
  requests.fillAll();
  await pass(requests.overdueMs + 1);
  requests.tick([0], []);
  t.deepEqual(asked, []);
  await pass(1_000);
  requests.tick([0], []);
  t.deepEqual(asked, ['far: 0']);
});

test('what is overdue is imported out of turn where no mate has it', async (t) => {
  const mates = ['one', 'two', 'three', 'four'];
  const inRack = Object.fromEntries(mates.map((mate) => [mate, 1]));
  const { requests, rack, asked, read, has, pass } = openRack({ ...inRack, far: 2 });
  const order = new RackOrder('own', pieceCount);
  for (const mate of mates) order.add(mate);
  const pieces = Array.from({ length: pieceCount }, (_, piece) => piece);
  const piece = pieces.find((each) => order.countBefore(each) >= 3);
  if (piece === undefined) throw new Error('expected one that mates are to import');
  read(piece);
  has('far', piece);
  requests.fillAll();
  t.deepEqual(asked, []);
  await pass(requests.overdueMs + 1);
  t.false(rack.mayImport(piece), 'nor is it this one’s turn to help');
  requests.tick([piece], []);
  t.deepEqual(asked, [`far: ${piece}`]);
});
