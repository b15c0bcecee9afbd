import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import {
  BencodeError,
  type BencodeValue,
  type DecodedValue,
  decodeBencode,
  encodeBencode,
  isDictionary,
} from '../../src/protocol/bencode.ts';

const text = (bencoded: string) => decodeBencode(Buffer.from(bencoded, 'latin1'));

const { value: anyValue } = fc.letrec<{ value: BencodeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('value'), { maxKeys: 4 }),
  ),
}));

/** Bytes that look like bencode far more often than random ones. */
const nearlyBencode = fc
  .array(fc.constantFrom('i', 'l', 'd', 'e', ':', '-', '+', '.', '0', '1', '3', '9', 'a'), {
    maxLength: 30,
    size: 'max',
  })
  .map((letters) => Buffer.from(letters.join('')));

function decodesOrFails(bytes: Uint8Array): boolean {
  try {
    return decodeBencode(bytes) !== undefined;
  } catch (error) {
    if (error instanceof BencodeError && error.code === 'not-bencode') return true;
    throw error;
  }
}

/** `-0` is no bencode, and JSON has no bytes. */
function comparable(value: BencodeValue | DecodedValue): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (typeof value === 'number') return value + 0;
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(comparable);
  return new Map(Object.entries(value).map(([key, entry]) => [key, comparable(entry)]));
}

test('any value comes back as it was', (t) => {
  const property = fc.property(anyValue, (value) => {
    assert.deepEqual(comparable(decodeBencode(encodeBencode(value))), comparable(value));
  });
  t.notThrows(() => fc.assert(property));
});

test('any bytes decode or fail with the one error', (t) => {
  const property = fc.property(fc.uint8Array({ maxLength: 200, size: 'max' }), decodesOrFails);
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('bytes that look like bencode decode or fail with the one error, without end never', (t) => {
  const property = fc.property(nearlyBencode, decodesOrFails);
  t.notThrows(() => fc.assert(property, { numRuns: 5000 }));
});

test('what was changed in one byte, or cut, decodes or fails with the one error', (t) => {
  const property = fc.property(anyValue, fc.nat(), fc.nat(255), (value, place, byte) => {
    const bytes = encodeBencode(value);
    const at = place % (bytes.length + 1);
    const changed = Buffer.from(bytes);
    if (at < bytes.length) changed[at] = byte;
    return decodesOrFails(changed) && decodesOrFails(bytes.subarray(0, at));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('a value that is cut anywhere is refused', (t) => {
  const property = fc.property(anyValue, fc.nat(), (value, place) => {
    const bytes = encodeBencode(value);
    const cut = bytes.subarray(0, place % bytes.length);
    assert.throws(() => decodeBencode(cut), BencodeError);
  });
  t.notThrows(() => fc.assert(property));
});

test('a length below zero does not send the decoder back', (t) => {
  for (const bytes of ['-3:', 'l-3:', 'd-3:', 'l1:a-3:e', 'd1:a-4:e', 'l-0:e']) {
    t.throws(() => text(bytes), { instanceOf: BencodeError }, bytes);
  }
});

test('numbers that are none are refused', (t) => {
  for (const bytes of [
    'ie',
    'i-e',
    'i-0e',
    'i03e',
    'i1.5e',
    'i+1e',
    'i 1e',
    'i1x',
    'i1',
    '+3:abc',
  ]) {
    t.throws(() => text(bytes), { instanceOf: BencodeError }, bytes);
  }
  t.is(text('i0e'), 0);
  t.is(text('i-7e'), -7);
  t.is(text(`i${Number.MAX_SAFE_INTEGER}e`), Number.MAX_SAFE_INTEGER);
});

test('a string that promises more than there is is refused, however much it promises', (t) => {
  for (const bytes of ['4:abc', '99999999999999999999:a', '18446744073709551616:']) {
    t.throws(() => text(bytes), { instanceOf: BencodeError }, bytes);
  }
  t.throws(() => text(`${'0'.repeat(100)}1:a`), { instanceOf: BencodeError });
});

test('nesting without end is refused, not a stack overflow', (t) => {
  for (const opening of ['l', 'd1:a']) {
    const bytes = Buffer.from(opening.repeat(100_000));
    t.throws(() => decodeBencode(bytes), { instanceOf: BencodeError });
  }
});

test('a key that is the name of a prototype is a key like any other', (t) => {
  const value = text('d9:__proto__d5:admini1eee');
  t.true(isDictionary(value));
  t.false('admin' in Object(value));
});

test('a key that is not UTF-8 is given in hex', (t) => {
  t.deepEqual(text('d2:\xff\xfei1ee'), { fffe: 1 });
});

test('what follows the value is left alone', (t) => {
  t.is(text('i7ei8e'), 7);
});

test('decoded strings do not change when the buffer under them does', (t) => {
  const bytes = Buffer.from('3:abc');
  const value = decodeBencode(bytes);
  bytes.fill(0);
  t.deepEqual(value, new Uint8Array(Buffer.from('abc')));
});
