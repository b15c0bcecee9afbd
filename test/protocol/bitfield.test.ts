import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Bitfield } from '../../src/protocol/bitfield.ts';

type Step = { readonly kind: 'add' | 'remove' | 'addAll'; readonly piece: number };

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('add' as const, 'remove' as const) },
    { weight: 1, arbitrary: fc.constant('addAll' as const) },
  ),
  piece: fc.integer({ min: -2, max: 45 }),
});

/** What the step returns, done to a plain set. */
function applyToSet(set: Set<number>, length: number, { kind, piece }: Step): boolean | undefined {
  const inside = piece >= 0 && piece < length;
  if (kind === 'add') return inside && !set.has(piece) && set.add(piece) === set;
  if (kind === 'remove') return set.delete(piece);
  for (let each = 0; each < length; each += 1) set.add(each);
  return undefined;
}

function applyToField(field: Bitfield, { kind, piece }: Step): boolean | undefined {
  if (kind === 'add') return field.add(piece);
  if (kind === 'remove') return field.remove(piece);
  field.addAll();
  return undefined;
}

function assertSame(field: Bitfield, set: ReadonlySet<number>): void {
  const held = Array.from({ length: field.length + 16 }, (_, piece) => piece).filter((piece) =>
    field.has(piece),
  );
  assert.deepEqual(
    held,
    [...set].sort((one, other) => one - other),
  );
  assert.equal(field.count, set.size);
  assert.equal(field.isComplete, set.size === field.length);
}

test('a bitfield is a set of pieces', (t) => {
  const property = fc.property(
    fc.nat(40),
    fc.array(step, { maxLength: 60, size: 'max' }),
    (length, steps) => {
      const field = new Bitfield(length);
      const set = new Set<number>();
      for (const each of steps) {
        assert.equal(applyToField(field, each), applyToSet(set, length, each));
        assertSame(field, set);
      }
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
});

test('what a bitfield sends is what its reader has', (t) => {
  const property = fc.property(fc.nat(80), fc.array(fc.nat(79)), (length, pieces) => {
    const field = new Bitfield(length);
    for (const piece of pieces) field.add(piece);
    const parsed = Bitfield.parse(field.bytes, length);
    assert.deepEqual(parsed?.bytes, field.bytes);
    assert.equal(parsed?.count, field.count);
  });
  t.notThrows(() => fc.assert(property));
});

test('any bytes are a bitfield of the right size without spare bits, or none', (t) => {
  const property = fc.property(fc.nat(40), fc.uint8Array({ maxLength: 7 }), (length, bytes) => {
    const bits = [...bytes].flatMap((byte) => [...byte.toString(2).padStart(8, '0')]);
    const fits = bytes.length === Math.ceil(length / 8) && !bits.slice(length).includes('1');
    const parsed = Bitfield.parse(bytes, length);
    assert.equal(parsed !== undefined, fits);
    if (parsed !== undefined) assert.equal(parsed.count, bits.filter((bit) => bit === '1').length);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('the highest bit of the first byte is piece 0', (t) => {
  const field = new Bitfield(10);
  field.add(0);
  field.add(9);
  t.deepEqual([...field.bytes], [0x80, 0x40]);
});

test('a parsed bitfield does not change with the message it came in', (t) => {
  const message = Uint8Array.from([0xff]);
  const field = Bitfield.parse(message, 8);
  message[0] = 0;
  t.true(field?.has(3));
});
