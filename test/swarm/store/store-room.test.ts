import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import { createMetainfo } from '../../../src/protocol/metainfo.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { silentLog } from '../../../src/runtime/log.ts';
import { Demand } from '../../../src/swarm/demand.ts';
import { Holdings } from '../../../src/swarm/holdings.ts';
import { OwnRack } from '../../../src/swarm/own-rack.ts';
import { PieceBuffers } from '../../../src/swarm/store/piece-buffers.ts';
import { RandomSet } from '../../../src/swarm/store/random-set.ts';
import { slotBytes } from '../../../src/swarm/store/store-folder.ts';
import { StoreRoom } from '../../../src/swarm/store/store-room.ts';
import { createFakeSlotFile } from '../../support/fake-slot-file.ts';

const pieceCount = 200;
const limits = { urgentPieces: 2, soonPieces: 5, aheadPieces: 4 };

const step = fc.record({
  who: fc.nat(1),
  kind: fc.constantFrom('open', 'come', 'come', 'come', 'read', 'read', 'wait'),
  at: fc.nat(pieceCount - 1),
});

test('what an installer is about to read is never driven out, by whomever room is needed', async (t) => {
  const property = fc.asyncProperty(
    fc.array(step, { size: 'max', maxLength: 150 }),
    async (steps) => {
      const file = createFakeSlotFile(36, { writeMs: 1 });
      const room = new StoreRoom(file, 4 * slotBytes);
      const torrents = [createTorrent(room), createTorrent(room)];
      for (const { who, kind, at } of steps) {
        const torrent = torrents[who];
        if (torrent === undefined) continue;
        if (kind === 'open') torrent.open(at);
        else if (kind === 'come') torrent.come(at);
        else if (kind === 'read') torrent.advance();
        else await sleep(2);
        for (const each of torrents) each.check();
      }
      for (let turn = 0; turn < 200 && torrents.some((each) => each.isWriting()); turn += 1)
        await sleep(1);
      for (const each of torrents) each.check();
      assert.ok(file.usedSlots <= 36);
      assert.deepEqual(file.misuse, []);
      for (const each of torrents) each.close();
      assert.equal(file.usedSlots, 0);
    },
  );
  await t.notThrowsAsync(fc.assert(property, { numRuns: 60 }));
});

test('a torrent that nobody reads any more makes room for the one that is read', async (t) => {
  const file = createFakeSlotFile(20);
  const room = new StoreRoom(file, 2 * slotBytes);
  const [idle, busy] = [createTorrent(room), createTorrent(room)];
  for (let piece = 0; piece < 20; piece += 1) idle.add(piece);
  await sleep(20);
  t.is(file.usedSlots, 20);
  for (let piece = 0; piece < 40; piece += 1) {
    busy.add(piece);
    await sleep(1);
  }
  await sleep(20);
  t.true(busy.heldCount() >= 10, `${busy.heldCount()}`);
  t.true(idle.heldCount() + busy.heldCount() <= 22);
});

test('each reader’s share is what is there, divided by those who read now', (t) => {
  const room = new StoreRoom(createFakeSlotFile(100), slotBytes);
  const [one, other] = [{}, {}];
  t.is(room.shareBytesOf(one), 100 * slotBytes);
  room.noteUse(other);
  t.is(room.shareBytesOf(one), 50 * slotBytes);
  t.is(room.shareBytesOf(other), 100 * slotBytes);
  room.noteUse(one);
  t.is(room.shareBytesOf(other), 50 * slotBytes);
  room.forgetUse(one);
  t.is(room.shareBytesOf(other), 100 * slotBytes);
});

test('a random set holds what was added, and picks each of it as often as any other', (t) => {
  const changes = fc.array(fc.tuple(fc.boolean(), fc.nat(20)), { size: 'max', maxLength: 100 });
  const property = fc.property(changes, fc.nat(25), (list, count) => {
    const model = new Set<number>();
    const set = new RandomSet();
    for (const [isAdded, item] of list) {
      if (isAdded) model.add(item);
      else model.delete(item);
      if (isAdded) set.add(item);
      else set.delete(item);
      assert.equal(set.size, model.size);
    }
    const picked = set.pick(count);
    assert.equal(new Set(picked).size, Math.min(count, model.size));
    assert.ok(picked.every((item) => model.has(item)));
  });
  t.notThrows(() => fc.assert(property));
  const set = new RandomSet();
  for (let item = 0; item < 100; item += 1) set.add(item);
  const counts = new Array<number>(100).fill(0);
  for (let turn = 0; turn < 5000; turn += 1) {
    for (const item of set.pick(10)) counts[item] = (counts[item] ?? 0) + 1;
  }
  t.true(Math.min(...counts) > 350 && Math.max(...counts) < 650, counts.join());
});

/** One reader at a time, as the property needs no more room than there is. */
function createTorrent(room: StoreRoom) {
  const metainfo = createMetainfo({
    name: 'content',
    pieceLengthBytes: slotBytes,
    pieceHashes: Buffer.alloc(pieceCount * 20),
    files: [{ path: 'content', sizeBytes: pieceCount * slotBytes }],
    singleFile: true,
  });
  const demand = new Demand(pieceCount, limits);
  const buffers = new PieceBuffers(slotBytes);
  const rack = new OwnRack({
    ...{ pieceCount, ownId: '', peers: () => [], clock: systemClock, pieceMs: () => 0 },
  });
  const holdings = new Holdings({
    ...{ metainfo, room, buffers, demand, rack, log: silentLog },
    peers: () => [],
    mayReadAhead: () => true,
    onNotFound: () => {},
    onComplete: () => {},
  });
  const { book } = holdings;
  let cursor = 0;
  let end = 0;
  let reading = demand.open({ first: 0, end: 0 });
  /** Held, and wanted since it came or longer. */
  const safe = new Set<number>();
  const isWanted = (piece: number) =>
    demand.isSoon(piece) || (demand.isAhead(piece) && book.readOf(piece) !== 'whole');
  const add = (piece: number) => {
    const buffer = buffers.take(slotBytes);
    holdings.add(piece, buffer);
    buffer.release();
  };
  const forgetUnwanted = () => {
    for (const piece of safe) if (!isWanted(piece)) safe.delete(piece);
    for (let piece = 0; piece < pieceCount; piece += 1) {
      if (book.held.has(piece) && isWanted(piece)) safe.add(piece);
    }
  };
  return {
    add,
    open: (first: number) => {
      reading.close();
      cursor = first;
      end = Math.min(pieceCount, first + 12);
      book.ask({ first, end });
      // Eight windows behind earlier requests would be more than there is room for.
      for (let turn = 0; turn < 8; turn += 1) {
        demand.open({ first: pieceCount, end: pieceCount + turn }).close();
      }
      reading = demand.open({ first, end });
      forgetUnwanted();
    },
    /** What comes is what was asked for, or read ahead. */
    come: (at: number) => {
      // While the disk is slow nothing more is asked for.
      if (holdings.unwrittenBytes >= 6 * slotBytes) return;
      const wanted = Array.from({ length: pieceCount }, (_, piece) => piece).filter(
        (piece) => isWanted(piece) && !book.held.has(piece),
      );
      const piece = wanted[at % Math.max(1, wanted.length)];
      if (piece !== undefined) add(piece);
      forgetUnwanted();
    },
    advance: () => {
      if (cursor >= end || !book.held.has(cursor)) return;
      book.consume(cursor, slotBytes);
      cursor += 1;
      reading.advance(cursor);
      forgetUnwanted();
    },
    check: () => {
      for (const piece of safe) assert.ok(book.held.has(piece), `piece ${piece} was driven out`);
    },
    isWriting: () => holdings.unwrittenBytes > 0,
    heldCount: () => book.held.count,
    close: () => holdings.close(),
  };
}
