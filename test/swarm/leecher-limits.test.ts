import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { planLimits } from '../../src/swarm/leecher-limits.ts';

const lengths = fc.constantFrom(2 ** 14, 2 ** 16, 2 ** 18, 2 ** 20);
const inputs = fc.record({
  shareBytes: fc.oneof(fc.nat(2 ** 26), fc.double({ min: 0, max: 2 ** 40, noNaN: true })),
  aheadWorth: fc.double({ min: 0, max: 1, noNaN: true }),
  bytesPerMs: fc.double({ min: 0, max: 2 ** 21, noNaN: true }),
});

test('what is wanted at a time leaves half of the store for the past', (t) => {
  const property = fc.property(lengths, inputs, (pieceLengthBytes, input) => {
    const { soonPieces, aheadPieces, unaskedPieces } = planLimits({ pieceLengthBytes }, input);
    const budgetPieces = Math.max(input.shareBytes, 4 * 2 ** 20) / pieceLengthBytes;
    assert.ok(soonPieces + aheadPieces <= Math.max(2, budgetPieces / 2));
    assert.ok(unaskedPieces <= Math.max(1, budgetPieces / 4));
    assert.ok(Math.min(soonPieces, aheadPieces, unaskedPieces) >= 1);
  });
  t.notThrows(() => fc.assert(property));
});

test('a larger share, a faster line, and reading ahead that pays, never mean to look less far ahead', (t) => {
  const property = fc.property(lengths, inputs, inputs, (pieceLengthBytes, one, other) => {
    const more = {
      shareBytes: Math.max(one.shareBytes, other.shareBytes),
      aheadWorth: Math.max(one.aheadWorth, other.aheadWorth),
      bytesPerMs: Math.max(one.bytesPerMs, other.bytesPerMs),
    };
    const little = planLimits({ pieceLengthBytes }, one);
    const much = planLimits({ pieceLengthBytes }, more);
    for (const key of ['urgentPieces', 'soonPieces', 'aheadPieces', 'unaskedPieces'] as const) {
      assert.ok(much[key] >= little[key]);
    }
  });
  t.notThrows(() => fc.assert(property));
});
