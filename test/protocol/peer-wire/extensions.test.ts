import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { BencodeError, encodeBencode } from '../../../src/protocol/bencode.ts';
import {
  decodeExtendedHandshake,
  decodeScreeMessage,
  encodeExtendedHandshake,
  encodePieces,
  encodeWants,
  largestRack,
  maximumWantedRanges,
  ownExtensionIds,
} from '../../../src/protocol/peer-wire/extensions.ts';
import { WireError } from '../../../src/protocol/peer-wire/messages.ts';

const pieceCount = 1000;
const wanted = fc
  .tuple(fc.nat(pieceCount), fc.nat(pieceCount), fc.boolean())
  .map(([one, other, overdue]) => {
    const firstPiece = Math.min(one, other);
    return { firstPiece, count: Math.max(one, other) - firstPiece, overdue };
  });

function failsOnlyAsSaid(decode: () => unknown): boolean {
  try {
    return decode() !== undefined;
  } catch (error) {
    return error instanceof WireError || error instanceof BencodeError;
  }
}

test('an extension handshake comes back as it was meant', (t) => {
  const own = fc.record({
    frontend: fc.boolean(),
    rack: fc.option(fc.nat(largestRack), { nil: undefined }),
    client: fc.stringMatching(/^[ -~]{0,64}$/),
    listenPort: fc.integer({ min: 1, max: 65_535 }),
    requestQueueLength: fc.integer({ min: 1, max: 100_000 }),
  });
  const property = fc.property(own, (handshake) => {
    assert.deepEqual(decodeExtendedHandshake(encodeExtendedHandshake(handshake)), {
      ...handshake,
      donthaveId: ownExtensionIds.donthave,
      screeId: ownExtensionIds.scree,
    });
  });
  t.notThrows(() => fc.assert(property));
});

test('a handshake of another client is read with defaults', (t) => {
  t.deepEqual(decodeExtendedHandshake(encodeBencode({ m: { ut_pex: 1 }, v: 'libtorrent' })), {
    donthaveId: undefined,
    screeId: undefined,
    frontend: false,
    rack: undefined,
    client: 'libtorrent',
    listenPort: undefined,
    requestQueueLength: 250,
  });
  t.is(decodeExtendedHandshake(encodeBencode({})).screeId, undefined);
});

test('nonsense in a handshake counts as not said', (t) => {
  const handshake = decodeExtendedHandshake(
    encodeBencode({
      m: { scree: 0, lt_donthave: 256 },
      p: 0,
      reqq: -1,
      scree: { frontend: 'yes', rack: -1 },
      v: 7,
    }),
  );
  t.deepEqual(handshake, {
    donthaveId: undefined,
    screeId: undefined,
    frontend: false,
    rack: undefined,
    client: '',
    listenPort: undefined,
    requestQueueLength: 250,
  });
  t.is(decodeExtendedHandshake(encodeBencode({ reqq: 2 ** 40, m: [1] })).requestQueueLength, 250);
});

test('a client name is shown short and in plain characters', (t) => {
  const { client } = decodeExtendedHandshake(
    encodeBencode({ v: `\u001b[31m\n<script>${'x'.repeat(1000)}` }),
  );
  t.regex(client, /^[ -~]{1,64}$/);
});

test('haves and claims come back as they were sent', (t) => {
  const kinds = fc.constantFrom('haves' as const, 'claims' as const);
  const property = fc.property(kinds, fc.array(fc.nat(pieceCount - 1)), (kind, pieces) => {
    const message = decodeScreeMessage(encodePieces(kind, pieces), pieceCount);
    assert.deepEqual(message, { kind, pieces });
  });
  t.notThrows(() => fc.assert(property));
});

test('wants come back as they were sent, as many as may be said at once', (t) => {
  const property = fc.property(fc.array(wanted, { maxLength: 300, size: 'max' }), (ranges) => {
    assert.deepEqual(decodeScreeMessage(encodeWants(ranges), pieceCount), {
      kind: 'wants',
      ranges: ranges.slice(0, maximumWantedRanges),
    });
  });
  t.notThrows(() => fc.assert(property));
});

test('any payload is a message or fails with an error of the wire', (t) => {
  const property = fc.property(
    fc.uint8Array({ maxLength: 100, size: 'max' }),
    fc.nat(100),
    (bytes, count) => {
      const payload = Buffer.from(bytes);
      assert.ok(failsOnlyAsSaid(() => decodeScreeMessage(payload, count)));
      assert.ok(failsOnlyAsSaid(() => decodeExtendedHandshake(payload)));
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('nothing that is decoded points past the last piece', (t) => {
  const kind = fc.constantFrom(0, 1, 2);
  const words = fc.array(fc.oneof(fc.nat(20), fc.nat(0xffff_ffff)), { maxLength: 8 });
  const property = fc.property(kind, words, fc.nat(20), (first, list, count) => {
    const payload = Buffer.alloc(1 + list.length * 4, first);
    list.forEach((value, index) => {
      payload.writeUInt32BE(value, 1 + index * 4);
    });
    try {
      const message = decodeScreeMessage(payload, count);
      if (message.kind !== 'wants') assert.ok(message.pieces.every((piece) => piece < count));
      else assert.ok(message.ranges.every((range) => range.firstPiece + range.count <= count));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('torn wants and unknown kinds are refused, more wants than are read are cut', (t) => {
  const many = Buffer.alloc(1 + (maximumWantedRanges + 1) * 8);
  many[0] = 1;
  const cut = decodeScreeMessage(many, pieceCount);
  t.is(cut.kind === 'wants' ? cut.ranges.length : 0, maximumWantedRanges);
  const bad = [
    Buffer.from([1, 0, 0, 0]),
    Buffer.from([0, 0, 0]),
    Buffer.from([3]),
    Buffer.alloc(0),
  ];
  for (const payload of bad) {
    t.throws(() => decodeScreeMessage(payload, pieceCount), {
      instanceOf: WireError,
      code: 'bad-message',
    });
  }
});
