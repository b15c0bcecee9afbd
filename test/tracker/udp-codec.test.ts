import test from 'ava';
import fc from 'fast-check';
import {
  decodeUdpRequest,
  encodeAnnounceReply,
  encodeConnectReply,
  encodeErrorReply,
  encodeScrapeReply,
} from '../../src/tracker/udp-codec.ts';
import { connectMessage, infohash, otherInfohash, udpAnnounce } from './tracker-fixture.ts';

const connectionId = Buffer.from('0123456789abcdef', 'hex');
const events = ['update', 'completed', 'started', 'stopped', 'paused'];

test('any bytes decode to a request or to nothing', (t) => {
  // Unless told, arrays stay at ten bytes or so, and every request is longer.
  const anyLength = fc.uint8Array({ maxLength: 300, size: 'max' });
  const plausible = fc
    .tuple(fc.uint8Array({ minLength: 8, maxLength: 8 }), fc.integer({ min: 0, max: 4 }), anyLength)
    .map(([id, action, rest]) => Buffer.concat([id, Buffer.from([0, 0, 0, action]), rest]));
  // An event out of 2^32 is hardly ever one of the five there are.
  const announces = fc
    .tuple(
      fc.uint8Array({ minLength: 90, maxLength: 110, size: 'max' }),
      fc.integer({ min: 0, max: 5 }),
    )
    .map(([bytes, event]) => {
      const message = Buffer.from(bytes);
      message.writeUInt32BE(1, 8);
      message.writeUInt32BE(event, 80);
      return message;
    });
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.oneof(anyLength, plausible, announces), (bytes) => {
        const request = decodeUdpRequest(Buffer.from(bytes));
        if (request?.kind === 'scrape') return request.infohashes.length > 0;
        if (request?.kind !== 'announce') return true;
        return request.port > 0 && request.infohash.length === 40;
      }),
      { numRuns: 2_000 },
    ),
  );
});

test('every field of an announce arrives, 64-bit counts included', (t) => {
  const hex = (bytes: number) =>
    fc
      .uint8Array({ minLength: bytes, maxLength: bytes })
      .map((value) => Buffer.from(value).toString('hex'));
  const count = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n });
  const announced = fc.record({
    infohash: hex(20),
    peerId: hex(20),
    left: count,
    downloaded: count,
    uploaded: count,
    event: fc.integer({ min: 0, max: 4 }),
    wanted: fc.integer({ min: -1, max: 1_000 }),
    port: fc.integer({ min: 1, max: 65_535 }),
    claimedAddress: fc.integer({ min: 0, max: 0xffffffff }),
  });
  fc.assert(
    fc.property(announced, fc.uint8Array({ maxLength: 40, size: 'max' }), (fields, options) => {
      const message = Buffer.concat([udpAnnounce({ ...fields, connectionId }), options]);
      const { infohash, peerId, wanted, port } = fields;
      t.deepEqual(decodeUdpRequest(message), {
        kind: 'announce',
        connectionId,
        transactionId: 0x11223344,
        infohash,
        peerId,
        leftBytes: Number(fields.left),
        downloadedBytes: Number(fields.downloaded),
        uploadedBytes: Number(fields.uploaded),
        event: events[fields.event],
        wanted,
        port,
      });
    }),
  );
});

test('a connect request needs the protocol id', (t) => {
  t.deepEqual(decodeUdpRequest(connectMessage), { kind: 'connect', transactionId: 0xaabbccdd });
  const other = Buffer.from(connectMessage);
  other.writeUInt8(1, 0);
  t.is(decodeUdpRequest(other), undefined);
});

test('announces that are short, without a port or with an unknown event are none', (t) => {
  const whole = udpAnnounce({ connectionId });
  t.is(decodeUdpRequest(whole.subarray(0, 97)), undefined);
  t.is(decodeUdpRequest(udpAnnounce({ connectionId, port: 0 })), undefined);
  t.is(decodeUdpRequest(udpAnnounce({ connectionId, event: 5 })), undefined);
  t.is(decodeUdpRequest(udpAnnounce({ connectionId, event: 0xffffffff })), undefined);
});

test('a scrape names its torrents in order, no more than fit into a frame', (t) => {
  const head = Buffer.concat([connectionId, Buffer.from('0000000200000007', 'hex')]);
  const hashes = [infohash, otherInfohash].map((hash) => Buffer.from(hash, 'hex'));
  const request = decodeUdpRequest(Buffer.concat([head, ...hashes, Buffer.alloc(7)]));
  const infohashes = [infohash, otherInfohash];
  t.deepEqual(request, { kind: 'scrape', connectionId, transactionId: 7, infohashes });
  t.is(decodeUdpRequest(head), undefined);
  const many = decodeUdpRequest(Buffer.concat([head, Buffer.alloc(20 * 3_000)]));
  t.is(many?.kind === 'scrape' ? many.infohashes.length : 0, 74);
});

test('answers are laid out as BEP 15 says', (t) => {
  t.is(
    encodeConnectReply(0xaabbccdd, connectionId).toString('hex'),
    '00000000aabbccdd0123456789abcdef',
  );
  const compactPeers = Buffer.from('0a0101071b58', 'hex');
  const announced = { transactionId: 1, intervalSeconds: 30, leechers: 2, seeds: 3, compactPeers };
  t.is(
    encodeAnnounceReply(announced).toString('hex'),
    '00000001000000010000001e00000002000000030a0101071b58',
  );
  const entry = { infohash, seeds: 1, completed: 2, leechers: 3 };
  t.is(encodeScrapeReply(9, [entry]).toString('hex'), '0000000200000009000000010000000200000003');
  t.is(encodeErrorReply(9, 'no').toString('hex'), '00000003000000096e6f');
});
