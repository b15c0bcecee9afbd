import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { type PieceBuffer, PieceBuffers } from '../../../src/swarm/store/piece-buffers.ts';

const pieceLengthBytes = 1024 * 1024;

test('what somebody holds is never written to by others', (t) => {
  const step = fc.record({
    kind: fc.constantFrom('take', 'take', 'hold', 'release', 'release'),
    which: fc.nat(40),
    sizeBytes: fc.integer({ min: 1, max: 64 }),
  });
  const property = fc.property(fc.array(step, { size: 'max', maxLength: 200 }), (steps) => {
    const buffers = new PieceBuffers(64);
    const held: { readonly buffer: PieceBuffer; readonly mark: number }[] = [];
    for (const [mark, { kind, which, sizeBytes }] of steps.entries()) {
      const one = held[which % Math.max(1, held.length)];
      if (kind === 'take') {
        const buffer = buffers.takeFor(Buffer.alloc(sizeBytes, mark));
        assert.equal(buffer.bytes.length, sizeBytes);
        held.push({ buffer, mark });
      } else if (one !== undefined && kind === 'hold') {
        held.push({ buffer: one.buffer.hold(), mark: one.mark });
      } else if (one !== undefined) {
        held.splice(held.indexOf(one), 1);
        one.buffer.release();
      }
      for (const { buffer, mark: own } of held)
        assert.ok(buffer.bytes.every((byte) => byte === own));
    }
  });
  t.notThrows(() => fc.assert(property));
});

test('memory is used again when its last holder has let go, not before', (t) => {
  const buffers = new PieceBuffers(pieceLengthBytes);
  const first = buffers.take(pieceLengthBytes);
  first.hold();
  first.release();
  t.not(buffers.take(10).bytes.buffer, first.bytes.buffer);
  first.release();
  t.is(buffers.take(20).bytes.buffer, first.bytes.buffer);
});

test('no more than four megabytes of free memory are kept', (t) => {
  const buffers = new PieceBuffers(pieceLengthBytes);
  const taken = Array.from({ length: 10 }, () => buffers.take(1));
  const memory = new Set(taken.map((each) => each.bytes.buffer));
  for (const each of taken) each.release();
  const again = Array.from({ length: 10 }, () => buffers.take(1));
  t.is(again.filter((each) => memory.has(each.bytes.buffer)).length, 4);
});
