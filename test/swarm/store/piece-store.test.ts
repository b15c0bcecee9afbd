import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import { createMetainfo, type Metainfo, pieceSizeBytes } from '../../../src/protocol/metainfo.ts';
import { type PieceBuffer, PieceBuffers } from '../../../src/swarm/store/piece-buffers.ts';
import { PieceStore } from '../../../src/swarm/store/piece-store.ts';
import { SlotFile, type Slots } from '../../../src/swarm/store/slot-file.ts';
import { StoreError } from '../../../src/swarm/store/store-error.ts';
import { slotBytes } from '../../../src/swarm/store/store-folder.ts';
import { StoreRoom } from '../../../src/swarm/store/store-room.ts';
import { createFakeSlotFile } from '../../support/fake-slot-file.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const pieceCount = 30;

function metainfoOf(pieceLengthBytes: number): Metainfo {
  const sizeBytes = (pieceCount - 1) * pieceLengthBytes + 777;
  return createMetainfo({
    name: 'content',
    pieceLengthBytes,
    pieceHashes: Buffer.alloc(pieceCount * 20),
    files: [{ path: 'content', sizeBytes }],
    singleFile: true,
  });
}

/** Every piece is full of its own number. */
function contentOf(metainfo: Metainfo, piece: number): Buffer {
  return Buffer.alloc(pieceSizeBytes(metainfo, piece), piece + 1);
}

/** Lets go of the buffer, so that whatever comes next is put into it. */
function hasContent(buffer: PieceBuffer, content: Buffer): boolean {
  const isEqual = buffer.bytes.equals(content);
  buffer.release();
  return isEqual;
}

function createStore(options: {
  readonly file?: Slots;
  readonly room?: StoreRoom;
  readonly pieceLengthBytes?: number;
  readonly memoryPieces?: number;
}) {
  const { file = new SlotFile(), pieceLengthBytes = slotBytes, memoryPieces = 2 } = options;
  const { room = new StoreRoom(file, memoryPieces * pieceLengthBytes) } = options;
  const metainfo = metainfoOf(pieceLengthBytes);
  const here = new Set<number>();
  const errors: unknown[] = [];
  const pinned = new Set<number>();
  const buffers = new PieceBuffers(pieceLengthBytes);
  const store = new PieceStore({
    metainfo,
    room,
    buffers,
    describe: (pieces) =>
      pieces.map((piece) => {
        const wanted = pinned.has(piece);
        return { piece, wanted, surplus: false, read: 'whole' as const, copies: 30 - piece };
      }),
    onGone: (piece) => here.delete(piece),
    onWriteError: (error) => errors.push(error),
  });
  const put = (piece: number) => {
    here.add(piece);
    const buffer = buffers.takeFor(contentOf(metainfo, piece));
    store.put(piece, buffer);
    buffer.release();
  };
  const isRight = async (piece: number) =>
    hasContent(await store.get(piece), contentOf(metainfo, piece));
  return { store, metainfo, here, errors, pinned, put, isRight };
}

/** Until all writes have ended. */
async function settle(store: PieceStore): Promise<void> {
  for (let turn = 0; turn < 400 && store.unwrittenBytes > 0; turn += 1) await sleep(5);
  assert.equal(store.unwrittenBytes, 0);
}

for (const pieceLengthBytes of [slotBytes / 4, slotBytes, 2 * slotBytes]) {
  test(`what is here has its own bytes, with pieces of ${pieceLengthBytes / 1024} KiB`, async (t) => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('put'), piece: fc.nat(29) }) },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('get'), piece: fc.nat(29) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove'), piece: fc.nat(29) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), piece: fc.nat(2) }) },
    );
    const property = fc.asyncProperty(
      fc.array(step, { size: 'max', maxLength: 80 }),
      async (steps) => {
        const file = createFakeSlotFile(12, { readMs: 3, writeMs: 1 });
        const { store, metainfo, here, put } = createStore({ file, pieceLengthBytes });
        const reads: Promise<void>[] = [];
        const puts = new Map<number, number>();
        const check = async (piece: number) => {
          const mustBeThere = here.has(piece);
          const putsBefore = puts.get(piece);
          try {
            const isRight = hasContent(await store.get(piece), contentOf(metainfo, piece));
            assert.ok(isRight, `piece ${piece} has other bytes`);
          } catch (error) {
            if (!(error instanceof StoreError)) throw error;
            // It may have gone, and come again, while it was waited for.
            const stayed = mustBeThere && here.has(piece) && puts.get(piece) === putsBefore;
            assert.ok(!stayed || file.broken, `piece ${piece} is missing`);
          }
        };
        for (const { kind, piece } of steps) {
          if (kind === 'put' && !here.has(piece)) {
            puts.set(piece, (puts.get(piece) ?? 0) + 1);
            put(piece);
          } else if (kind === 'get') reads.push(check(piece));
          else if (kind === 'remove' && here.delete(piece)) store.remove(piece);
          else if (kind === 'wait') await sleep(piece);
          assert.ok(file.usedSlots <= file.capacitySlots);
        }
        await Promise.all(reads);
        await settle(store);
        for (const piece of here) await check(piece);
        assert.deepEqual(file.misuse, []);
        store.close();
        // What was removed while it was written gives its slots back then.
        for (let turn = 0; turn < 400 && file.usedSlots > 0; turn += 1) await sleep(5);
        assert.equal(file.usedSlots, 0, 'slots are left taken');
      },
    );
    await t.notThrowsAsync(fc.assert(property, { numRuns: 60 }));
  });
}

test('a real file holds what does not fit into memory', async (t) => {
  const file = new SlotFile();
  await file.open({ folder: await temporaryFolder(t), sizeBytes: 20 * slotBytes });
  t.teardown(() => file.leave());
  const { store, here, put, isRight } = createStore({ file });
  for (let piece = 0; piece < pieceCount; piece += 1) put(piece);
  await settle(store);
  t.true(here.size >= 20 && here.size <= 22, `${here.size}`);
  for (const piece of here) t.true(await isRight(piece));
  store.close();
  t.is(file.usedSlots, 0);
});

test('a piece that is driven out while it is read is an error, never another piece', async (t) => {
  const file = createFakeSlotFile(1, { readMs: 40, writeMs: 5 });
  const { store, put, metainfo } = createStore({ file, memoryPieces: 0 });
  put(0);
  await settle(store);
  const reading = store.get(0);
  put(1);
  const [outcome] = await Promise.allSettled([reading]);
  if (outcome?.status === 'fulfilled') t.true(hasContent(outcome.value, contentOf(metainfo, 0)));
  else t.true(outcome?.reason instanceof StoreError);
});

test('a store that is closed in the middle of writing gives all slots back', async (t) => {
  for (const pieceLengthBytes of [slotBytes, 2 * slotBytes]) {
    const file = createFakeSlotFile(12, { writeMs: 10 });
    const { store, put } = createStore({ file, pieceLengthBytes });
    for (let piece = 0; piece < 5; piece += 1) put(piece);
    store.close();
    await sleep(60);
    t.is(file.usedSlots, 0);
    t.deepEqual(file.misuse, []);
  }
});

test('what comes after the store was closed takes no slot', async (t) => {
  const file = createFakeSlotFile(12);
  const { store, put } = createStore({ file });
  store.close();
  put(3);
  await sleep(20);
  t.is(file.usedSlots, 0);
});

test('a piece that is put again does not take a second slot for good', async (t) => {
  const file = createFakeSlotFile(12, { writeMs: 5 });
  const { store, put, isRight } = createStore({ file, memoryPieces: 0 });
  for (let turn = 0; turn < 5; turn += 1) {
    put(0);
    if (turn % 2 === 0) await settle(store);
  }
  await settle(store);
  await sleep(20);
  t.is(file.usedSlots, 1);
  t.true(await isRight(0));
});

test('a full disk loses pieces, not the store, and takes again when there is room', async (t) => {
  for (const pieceLengthBytes of [slotBytes, 2 * slotBytes]) {
    const file = createFakeSlotFile(12);
    const { store, here, errors, put, isRight } = createStore({ file, pieceLengthBytes });
    file.full = true;
    for (let piece = 0; piece < 6; piece += 1) put(piece);
    await settle(store);
    t.is(errors.length, 12);
    t.true(here.size <= 2);
    for (const piece of here) t.true(await isRight(piece));
    t.is(file.usedSlots, 0, 'slots of pieces that could not be written are left taken');
    file.full = false;
    put(10);
    put(11);
    put(12);
    await settle(store);
    for (const piece of [10, 11, 12]) t.true(await isRight(piece));
    t.deepEqual(file.misuse, []);
  }
});

test('a broken disk is an error for what is not in memory', async (t) => {
  const file = createFakeSlotFile(12);
  const { store, put, isRight } = createStore({ file });
  for (let piece = 0; piece < 6; piece += 1) put(piece);
  await settle(store);
  t.true(await isRight(5));
  file.broken = true;
  t.true(await isRight(5));
  await t.throwsAsync(async () => store.get(0), { instanceOf: StoreError });
});

test('a piece that is wanted is not driven out; then the new one stays in memory', async (t) => {
  const file = createFakeSlotFile(2);
  const { store, here, pinned, put, isRight } = createStore({ file });
  put(0);
  put(1);
  await settle(store);
  pinned.add(0).add(1);
  put(2);
  put(3);
  put(4);
  await settle(store);
  t.deepEqual([...here], [0, 1, 3, 4]);
  for (const piece of here) t.true(await isRight(piece));
});

test('without a file, memory is the budget', async (t) => {
  const { store, here, put, isRight } = createStore({ memoryPieces: 4 });
  for (let piece = 0; piece < pieceCount; piece += 1) put(piece);
  await settle(store);
  t.deepEqual([...here], [26, 27, 28, 29]);
  for (const piece of here) t.true(await isRight(piece));
  await t.throwsAsync(async () => store.get(0), { instanceOf: StoreError });
});

test('two stores share a file and its budget', async (t) => {
  const file = createFakeSlotFile(6);
  const room = new StoreRoom(file, 4 * slotBytes);
  const one = createStore({ room });
  const other = createStore({ room });
  for (let piece = 0; piece < 10; piece += 1) {
    one.put(piece);
    other.put(piece);
  }
  await Promise.all([settle(one.store), settle(other.store)]);
  t.true(file.usedSlots <= 6);
  for (const { here, isRight } of [one, other]) {
    t.true(here.size >= 2);
    for (const piece of here) t.true(await isRight(piece));
  }
  one.store.close();
  other.store.close();
  t.is(file.usedSlots, 0);
});
