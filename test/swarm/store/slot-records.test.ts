import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {
  decodeRecord,
  encodeRecord,
  recordBytes,
  SlotRecords,
} from '../../../src/swarm/store/slot-records.ts';

const labels = fc
  .record({
    pieceHash: fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
    sizeBytes: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    parts: fc.integer({ min: 1, max: 65_535 }),
    seed: fc.nat(),
  })
  .map(({ seed, ...label }) => ({ ...label, part: seed % label.parts }));

test('a record says what was put into it, wherever it stands', (t) => {
  const property = fc.property(labels, fc.nat(50), (label, slot) => {
    const bytes = randomBytes((slot + 1) * recordBytes);
    encodeRecord(label, bytes, slot * recordBytes);
    assert.deepEqual(decodeRecord(bytes, slot * recordBytes), label);
    const records = new SlotRecords();
    records.set(slot, label);
    assert.deepEqual(records.get(slot), label);
    assert.deepEqual(decodeRecord(records.slice(slot, 1), 0), label);
    assert.equal(records.get(slot + 1), undefined);
  });
  t.notThrows(() => fc.assert(property));
});

test('any other bytes are no record, and no error', (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(80), (array, at) => {
    assert.equal(decodeRecord(Buffer.from(array), at), undefined);
  });
  t.notThrows(() => fc.assert(property));
  t.is(decodeRecord(Buffer.alloc(recordBytes), 0), undefined);
});

test('a record of which one bit is another is none', (t) => {
  const property = fc.property(labels, fc.nat(recordBytes * 8 - 1), (label, bit) => {
    const bytes = Buffer.alloc(recordBytes);
    encodeRecord(label, bytes, 0);
    bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    assert.equal(decodeRecord(bytes, 0), undefined);
  });
  t.notThrows(() => fc.assert(property));
});
