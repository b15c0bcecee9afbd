import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import {
  type BareMessage,
  type BlockRange,
  decodeHandshake,
  decodeMessage,
  encodeBare,
  encodeBitfield,
  encodeExtended,
  encodeHandshake,
  encodeHave,
  encodePieceHeader,
  encodeRange,
  handshakeLengthBytes,
  keepAlive,
  messageIds,
  WireError,
  type WireMessage,
} from '../../../src/protocol/peer-wire/messages.ts';

const word = fc.nat(0xffff_ffff);
const range: fc.Arbitrary<BlockRange> = fc.record(
  { piece: word, beginByte: word, lengthBytes: word },
  { noNullPrototype: true },
);
const bareNames = [
  'choke',
  'unchoke',
  'interested',
  'notInterested',
  'haveAll',
  'haveNone',
] as const;

/** A message and the bytes in which it is sent. */
const sent: fc.Arbitrary<readonly [WireMessage, Buffer]> = fc.oneof(
  fc.constantFrom<BareMessage>(...bareNames).map((type) => [{ type }, encodeBare(type)] as const),
  word.map((piece) => [{ type: 'have', piece }, encodeHave(piece)] as const),
  fc
    .uint8Array({ maxLength: 50, size: 'max' })
    .map((bits) => [{ type: 'bitfield', bytes: Buffer.from(bits) }, encodeBitfield(bits)] as const),
  fc
    .tuple(fc.constantFrom('request' as const, 'cancel' as const, 'reject' as const), range)
    .map(([type, block]) => [{ type, ...block }, encodeRange(type, block)] as const),
  fc
    .tuple(fc.nat(255), fc.uint8Array({ maxLength: 50, size: 'max' }))
    .map(
      ([id, bytes]) =>
        [{ type: 'extended', id, payload: Buffer.from(bytes) }, encodeExtended(id, bytes)] as const,
    ),
);

test('any message comes back as it was sent', (t) => {
  const property = fc.property(sent, ([message, bytes]) => {
    assert.equal(bytes.readUInt32BE(), bytes.length - 4);
    assert.deepEqual(decodeMessage(bytes.subarray(4)), message);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

test('any bytes are a message or fail with the one error', (t) => {
  const property = fc.property(
    fc.uint8Array({ minLength: 1, maxLength: 40, size: 'max' }),
    (bytes) => {
      try {
        return typeof decodeMessage(Buffer.from(bytes)).type === 'string';
      } catch (error) {
        return error instanceof WireError && error.code === 'bad-message';
      }
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('a message of a wrong length is refused, one of an unknown kind passed over', (t) => {
  for (const id of [...bareNames.map((name) => messageIds[name]), 4, 6, 8, 16]) {
    for (const length of [2, 4, 6, 12, 14, 100]) {
      const body = Buffer.alloc(length, 0);
      body[0] = id;
      t.throws(() => decodeMessage(body), { instanceOf: WireError, code: 'bad-message' });
    }
  }
  t.throws(() => decodeMessage(Buffer.from([messageIds.extended])), { instanceOf: WireError });
  for (const id of [9, 10, 13, 17, 19, 21, 255]) {
    t.deepEqual(decodeMessage(Buffer.from([id, 1, 2, 3])), { type: 'ignored' });
  }
});

test('a decoded message does not change with the buffer it came in', (t) => {
  const bytes = encodeBitfield(Uint8Array.from([1, 2, 3])).subarray(4);
  const message = decodeMessage(bytes);
  bytes.fill(0);
  t.deepEqual(message, { type: 'bitfield', bytes: Buffer.from([1, 2, 3]) });
});

test('the messages look on the wire as BEP 3, 6 and 10 have them', (t) => {
  const block = { piece: 1, beginByte: 16_384, lengthBytes: 16_384 };
  t.is(keepAlive.toString('hex'), '00000000');
  t.is(encodeBare('choke').toString('hex'), '0000000100');
  t.is(encodeBare('haveAll').toString('hex'), '000000010e');
  t.is(encodeHave(258).toString('hex'), '000000050400000102');
  t.is(encodeBitfield(Uint8Array.from([0x80])).toString('hex'), '000000020580');
  t.is(encodeRange('request', block).toString('hex'), '0000000d06000000010000400000004000');
  t.is(encodeRange('reject', block).toString('hex'), '0000000d10000000010000400000004000');
  t.is(encodePieceHeader(block).toString('hex'), '00004009070000000100004000');
  t.is(encodeExtended(0, Buffer.from('de')).toString('hex'), '0000000414006465');
});

test('any handshake comes back as it was sent', (t) => {
  const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 });
  const property = fc.property(bytes20, bytes20, (infohash, peerId) => {
    const hex = Buffer.from(infohash).toString('hex');
    const bytes = encodeHandshake(hex, peerId);
    assert.equal(bytes.length, handshakeLengthBytes);
    assert.deepEqual(decodeHandshake(bytes), {
      infohash: hex,
      peerId: Buffer.from(peerId),
      fast: true,
      extended: true,
    });
  });
  t.notThrows(() => fc.assert(property));
});

test('a handshake without reserved bits is one of a plain client', (t) => {
  const bytes = encodeHandshake('0'.repeat(40), Buffer.alloc(20));
  bytes.fill(0, 20, 28);
  const { fast, extended } = decodeHandshake(bytes);
  t.false(fast || extended);
});

test('68 bytes that are no handshake are refused', (t) => {
  const property = fc.property(fc.nat(19), fc.integer({ min: 1, max: 255 }), (at, change) => {
    const bytes = encodeHandshake('0'.repeat(40), Buffer.alloc(20));
    bytes[at] = (bytes[at] ?? 0) ^ change;
    assert.throws(() => decodeHandshake(bytes), { code: 'bad-handshake' });
  });
  t.notThrows(() => fc.assert(property));
});
