import test from 'ava';
import fc from 'fast-check';
import {
  decodeTftp,
  encodeTftp,
  TftpError,
  type TftpPacket,
  tryDecodeTftp,
} from '../../../src/protocol/tftp/packet.ts';

const word = (maxLength: number) =>
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength })
    .filter((text) => !text.includes('\0') && Buffer.byteLength(text) <= 40);
const options = fc
  .array(fc.tuple(word(12), word(8)), { maxLength: 16 })
  .map((pairs) => new Map(pairs.map(([name, value]) => [name.toLowerCase(), value])));
const block = fc.integer({ min: 0, max: 65_535 });
const packets: fc.Arbitrary<TftpPacket> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('read' as const, 'write' as const),
    path: word(40),
    mode: fc.constantFrom('octet', 'netascii', 'mail'),
    options,
  }),
  fc.record({
    kind: fc.constant('data' as const),
    block,
    bytes: fc.uint8Array({ maxLength: 1_468, size: 'max' }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ kind: fc.constant('ack' as const), block }),
  fc.record({
    kind: fc.constant('error' as const),
    code: block,
    message: fc.string({ unit: 'grapheme-ascii', maxLength: 100 }),
  }),
  fc.record({
    kind: fc.constant('oack' as const),
    options: options.filter((granted) => granted.size > 0),
  }),
);

test('what is encoded decodes to itself', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(packets, (packet) => {
        t.deepEqual(decodeTftp(encodeTftp(packet)), packet);
      }),
    ),
  );
});

test('any bytes decode to a packet, or fail as malformed', (t) => {
  const anything = fc.uint8Array({ maxLength: 3_000, size: 'max' });
  const plausible = fc
    .tuple(fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 600, size: 'max' }))
    .map(([opcode, rest]) => Buffer.concat([Buffer.from([0, opcode]), rest]));
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.oneof(anything, plausible), (bytes) => {
        try {
          decodeTftp(Buffer.from(bytes));
        } catch (error) {
          return error instanceof TftpError && error.code === 'malformed';
        }
        return true;
      }),
      { numRuns: 2_000 },
    ),
  );
});

test('a real packet with one byte changed, cut or added does no harm', (t) => {
  const spoilt = fc
    .tuple(packets, fc.nat(2_000), fc.nat(255), fc.constantFrom('change', 'cut', 'add'))
    .map(([packet, at, value, how]) => {
      const bytes = encodeTftp(packet);
      const place = at % bytes.length;
      if (how === 'cut') return bytes.subarray(0, place);
      if (how === 'add') {
        return Buffer.concat([
          bytes.subarray(0, place),
          Buffer.from([value]),
          bytes.subarray(place),
        ]);
      }
      bytes[place] = value;
      return bytes;
    });
  t.notThrows(() =>
    fc.assert(
      fc.property(spoilt, (bytes) => {
        tryDecodeTftp(bytes);
      }),
    ),
  );
});

test('a request as EDK2 sends it', (t) => {
  const datagram = request(
    'grubx64.efi',
    'octet',
    'tsize',
    '0',
    'blksize',
    '1468',
    'windowsize',
    '4',
  );
  t.deepEqual(decodeTftp(datagram), {
    kind: 'read',
    path: 'grubx64.efi',
    mode: 'octet',
    options: new Map([
      ['tsize', '0'],
      ['blksize', '1468'],
      ['windowsize', '4'],
    ]),
  });
});

test('names of modes and options are taken in any case, and zeros at the end as padding', (t) => {
  const packet = decodeTftp(
    Buffer.concat([request('a', 'OCTET', 'BlkSize', '1432'), Buffer.alloc(20)]),
  );
  t.deepEqual(packet, {
    kind: 'read',
    path: 'a',
    mode: 'octet',
    options: new Map([['blksize', '1432']]),
  });
});

test('of an option that came twice the first counts', (t) => {
  const packet = decodeTftp(request('a', 'octet', 'blksize', '1024', 'BLKSIZE', '8'));
  t.deepEqual(packet.kind === 'read' && [...packet.options], [['blksize', '1024']]);
});

test('an error without a message, or without its end, is one all the same', (t) => {
  t.deepEqual(decodeTftp(Buffer.from([0, 5, 0, 8])), { kind: 'error', code: 8, message: '' });
  const unfinished = Buffer.concat([Buffer.from([0, 5, 0, 0]), Buffer.from('User aborted\n')]);
  t.deepEqual(decodeTftp(unfinished), { kind: 'error', code: 0, message: 'User aborted?' });
});

for (const [what, datagram] of [
  ['an empty datagram', Buffer.alloc(0)],
  ['one byte', Buffer.from([1])],
  ['an opcode that does not exist', Buffer.from([0, 7, 0, 0])],
  ['a request without an end', Buffer.from('\0\x01name\0octet')],
  ['a request without a mode', Buffer.from('\0\x01name\0')],
  ['a request without a name', Buffer.from('\0\x01\0octet\0')],
  ['a name of 513 bytes', request('x'.repeat(513), 'octet')],
  ['a name that is not UTF-8', Buffer.from('\0\x01\xff\xfe\0octet\0', 'latin1')],
  ['an option without a value', request('a', 'octet', 'blksize')],
  ['an option without a name', request('a', 'octet', '', '1468')],
  ['17 options', request('a', 'octet', ...Array.from({ length: 34 }, (_, at) => `o${at}`))],
  ['a request of 60,000 zeros', Buffer.concat([request('a', 'octet'), Buffer.alloc(60_000)])],
] as const) {
  test(`${what} is malformed`, (t) => {
    t.throws(() => decodeTftp(datagram), { instanceOf: TftpError, code: 'malformed' });
  });
}

test('a name of 512 bytes and 16 options are taken', (t) => {
  t.is(decodeTftp(request('x'.repeat(512), 'octet')).kind, 'read');
  const words = Array.from({ length: 32 }, (_, at) => `o${at}`);
  t.is(decodeTftp(request('a', 'octet', ...words)).kind, 'read');
});

test('block numbers go on after 65,535 with 0', (t) => {
  const bytes = Buffer.from('x');
  t.deepEqual(encodeTftp({ kind: 'data', block: 65_536, bytes }), Buffer.from('\0\x03\0\0x'));
  t.deepEqual(encodeTftp({ kind: 'data', block: 65_537, bytes }), Buffer.from('\0\x03\0\x01x'));
});

function request(...words: readonly string[]): Buffer {
  return Buffer.from(`\0\x01${words.map((each) => `${each}\0`).join('')}`);
}
