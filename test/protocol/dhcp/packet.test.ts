import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { describeClient } from '../../../src/protocol/dhcp/client.ts';
import {
  type DhcpOptions,
  dhcpOptions,
  readAddress,
  readAddresses,
  readText,
  readUint16,
  replyLimitBytes,
} from '../../../src/protocol/dhcp/options.ts';
import {
  DhcpError,
  type DhcpPacket,
  decodeDhcp,
  encodeDhcp,
} from '../../../src/protocol/dhcp/packet.ts';
import { readStaticRoutes } from '../../../src/protocol/dhcp/static-routes.ts';
import { clientPackets, end, rawOption, rawPacket } from './client-packets.ts';

const bytesOf = (minLength: number, maxLength: number) =>
  fc.uint8Array({ minLength, maxLength, size: 'max' }).map((bytes) => Buffer.from(bytes));
const address = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.'));
const mac = bytesOf(1, 16).map((bytes) => (bytes.toString('hex').match(/../g) ?? []).join(':'));
const name = (longestBytes: number) =>
  fc
    .string({ unit: 'binary', maxLength: longestBytes, size: 'max' })
    .filter((text) => !text.includes('\0') && Buffer.byteLength(text) <= longestBytes);
const anyCode = fc.integer({ min: 1, max: 254 }).filter((code) => code !== dhcpOptions.overload);
const optionsOf = (longestOption: number) =>
  fc
    .array(fc.tuple(anyCode, bytesOf(0, longestOption)), { maxLength: 30, size: 'max' })
    .map((entries): DhcpOptions => new Map(entries));

/** Within the longest packet. */
const longOptions = fc
  .array(fc.tuple(anyCode, bytesOf(0, 700)), { maxLength: 5, size: 'max' })
  .map((entries): DhcpOptions => new Map(entries));

const packetWith = (options: fc.Arbitrary<DhcpOptions>): fc.Arbitrary<DhcpPacket> =>
  fc
    .record({
      op: fc.constantFrom('request' as const, 'reply' as const),
      hardwareType: fc.nat(255),
      hops: fc.nat(255),
      xid: fc.nat(0xffff_ffff),
      secs: fc.nat(0xffff),
      broadcast: fc.boolean(),
      ciaddr: address,
      yiaddr: address,
      siaddr: address,
      giaddr: address,
      mac,
      sname: fc.oneof(fc.constant(''), name(63)),
      file: fc.oneof(fc.constant(''), name(127)),
      options,
    })
    .map((packet) => ({ ...packet }));

const reply: DhcpPacket = {
  op: 'reply',
  hardwareType: 1,
  hops: 0,
  xid: 0x1a2b3c4d,
  secs: 4,
  broadcast: true,
  ciaddr: '0.0.0.0',
  yiaddr: '10.1.255.254',
  siaddr: '10.1.1.1',
  giaddr: '0.0.0.0',
  mac: '52:54:00:12:34:56',
  sname: '',
  file: 'pxelinux.0',
  options: new Map(),
};

function decodesOrFails(bytes: Buffer): boolean {
  try {
    return readsAll(decodeDhcp(bytes));
  } catch (error) {
    if (error instanceof DhcpError && error.code === 'malformed') return true;
    throw error;
  }
}

/** Whatever decodes can be read with every reader. */
function readsAll(packet: DhcpPacket): boolean {
  for (const code of packet.options.keys()) {
    readAddress(packet.options, code);
    readAddresses(packet.options, code);
    readText(packet.options, code);
    readUint16(packet.options, code);
  }
  readStaticRoutes(packet.options);
  return replyLimitBytes(packet.options) >= 300 && describeClient(packet).mac !== '';
}

test('any packet comes back as it was, options longer than 255 bytes too', (t) => {
  const property = fc.property(packetWith(longOptions), (packet) => {
    assert.deepEqual(decodeDhcp(encodeDhcp(packet, 4096)), packet);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
});

test('what does not fit is left out; what is there is whole, and no packet is too long', (t) => {
  const limit = fc.integer({ min: 0, max: 1472 });
  const property = fc.property(packetWith(optionsOf(300)), limit, (packet, maximumBytes) => {
    const bytes = encodeDhcp(packet, maximumBytes);
    assert.ok(bytes.length >= 300 && bytes.length <= Math.max(300, maximumBytes));
    const { options, ...fields } = decodeDhcp(bytes);
    const { options: all, ...allFields } = packet;
    assert.deepEqual(fields, allFields);
    for (const [code, value] of options) assert.deepEqual(value, all.get(code));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
});

test('the message type is never left out, nor any option for a later one that is as long', (t) => {
  const type: readonly [number, Buffer] = [dhcpOptions.messageType, Buffer.from([2])];
  const property = fc.property(packetWith(optionsOf(50)), (packet) => {
    const options = new Map([type, ...packet.options, type]);
    const sent = decodeDhcp(encodeDhcp({ ...packet, options }, 300)).options;
    assert.deepEqual(sent.get(dhcpOptions.messageType), type[1]);
    options.delete(dhcpOptions.relayAgent);
    const codes = [...options.keys()];
    const lengthOf = (code: number) => options.get(code)?.length ?? 0;
    const missing = codes.filter((code) => !sent.has(code));
    const preferred = missing.filter((code) =>
      codes
        .slice(codes.indexOf(code))
        .some((later) => sent.has(later) && lengthOf(later) >= lengthOf(code)),
    );
    assert.deepEqual(preferred, []);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 300 }));
});

test('any bytes decode or fail with the one error', (t) => {
  t.notThrows(() => fc.assert(fc.property(bytesOf(0, 700), decodesOrFails), { numRuns: 500 }));
});

test('any options behind good fields decode or fail with the one error', (t) => {
  const lengths = fc.array(fc.constantFrom(0, 1, 2, 4, 52, 53, 55, 61, 77, 82, 93, 97, 121, 255), {
    maxLength: 200,
    size: 'max',
  });
  const options = fc.oneof(
    bytesOf(0, 400),
    lengths.map((bytes) => Buffer.from(bytes)),
  );
  const property = fc.property(options, (bytes) => decodesOrFails(rawPacket({ options: bytes })));
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('packets of real clients, changed, cut or lengthened, decode or fail with the one error', (t) => {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  const property = fc.property(
    fc.constantFrom(...clientPackets),
    fc.array(change, { minLength: 1, maxLength: 5 }),
    fc.nat(),
    bytesOf(0, 20),
    (client, changes, place, behind) => {
      const changed = Buffer.from(client.bytes);
      for (const [at, byte] of changes) changed[at % changed.length] = byte;
      const cut = changed.subarray(0, place % (changed.length + 1));
      return [changed, cut, Buffer.concat([cut, behind])].every(decodesOrFails);
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('packets of real clients keep all they say when they are decoded and encoded', (t) => {
  for (const { name: client, bytes } of clientPackets) {
    const packet = decodeDhcp(bytes);
    t.deepEqual(decodeDhcp(encodeDhcp(packet, 1472)), packet, client);
  }
});

test('an answer stands on the wire as RFC 2131 draws it', (t) => {
  const options = new Map([
    [54, Buffer.from([10, 1, 1, 1])],
    [53, Buffer.from([2])],
    [51, Buffer.from([0, 0, 4, 0xb0])],
  ]);
  const expected = [
    '02010600' + '1a2b3c4d' + '00048000',
    '00000000' + '0a01fffe' + '0a010101' + '00000000',
    `525400123456${'00'.repeat(10)}`,
    '00'.repeat(64),
    Buffer.from('pxelinux.0').toString('hex').padEnd(256, '0'),
    '63825363' + '350102' + '36040a010101' + '3304000004b0' + 'ff',
  ];
  t.is(encodeDhcp({ ...reply, options }).toString('hex'), expected.join('').padEnd(600, '0'));
});

test('every field of a request is read from its place', (t) => {
  const fields = [
    '010106ff' + 'deadbeef' + '00128000',
    '0a000001' + '0a000002' + '0a000003' + '0a000004',
    `0050e4592e43${'00'.repeat(10)}`,
    Buffer.from('frontend').toString('hex').padEnd(128, '0'),
    Buffer.from('/install/sbin/kickstart.cgi').toString('hex').padEnd(256, '0'),
    '63825363' + '350103' + 'ff',
  ];
  t.deepEqual(decodeDhcp(Buffer.from(fields.join(''), 'hex')), {
    op: 'request',
    hardwareType: 1,
    hops: 255,
    xid: 0xdeadbeef,
    secs: 18,
    broadcast: true,
    ciaddr: '10.0.0.1',
    yiaddr: '10.0.0.2',
    siaddr: '10.0.0.3',
    giaddr: '10.0.0.4',
    mac: '00:50:e4:59:2e:43',
    sname: 'frontend',
    file: '/install/sbin/kickstart.cgi',
    options: new Map([[53, Buffer.from([3])]]),
  });
});

test('sloppy options are read: pads between, nothing in one, no end, anything behind the end', (t) => {
  const pads = Buffer.alloc(3);
  const options = (bytes: readonly Buffer[]) =>
    decodeDhcp(rawPacket({ options: Buffer.concat(bytes) })).options;
  const expected = new Map([
    [53, Buffer.from([1])],
    [80, Buffer.alloc(0)],
  ]);
  t.deepEqual(options([pads, rawOption(53, [1]), pads, rawOption(80, []), end]), expected);
  t.deepEqual(options([rawOption(53, [1]), rawOption(80, [])]), expected);
  t.deepEqual(options([rawOption(53, [1]), rawOption(80, []), end, Buffer.from('?')]), expected);
  t.deepEqual(options([]), new Map());
});

test('a BOOTP packet has no options: without the cookie, with another, or cut before it', (t) => {
  const other = rawPacket({ options: rawOption(53, [1]) });
  other[236] = 0;
  for (const bytes of [rawPacket({}), rawPacket({ paddedBytes: 300 }), other]) {
    t.deepEqual(decodeDhcp(bytes).options, new Map());
  }
});

test('the parts of an option are joined, from the options, file and sname in this order', (t) => {
  const bytes = rawPacket({
    options: Buffer.concat([rawOption(52, [3]), rawOption(43, 'a'), rawOption(43, 'b'), end]),
    file: Buffer.concat([rawOption(43, 'c'), rawOption(12, 'host'), end]),
    sname: Buffer.concat([rawOption(43, 'd'), end]),
  });
  const packet = decodeDhcp(bytes);
  t.deepEqual(
    packet.options,
    new Map([
      [43, Buffer.from('abcd')],
      [12, Buffer.from('host')],
    ]),
  );
  t.is(packet.file, '');
  t.is(packet.sname, '');
});

test('an overload in an overloaded field opens no other', (t) => {
  const bytes = rawPacket({
    options: Buffer.concat([rawOption(52, [1]), end]),
    file: Buffer.concat([rawOption(52, [2]), end]),
    sname: Buffer.from('frontend'),
  });
  t.is(decodeDhcp(bytes).sname, 'frontend');
  t.deepEqual(decodeDhcp(bytes).options, new Map());
});

test('what contradicts itself is refused, and the message says what was expected', (t) => {
  const refused: readonly (readonly [string, Buffer, RegExp])[] = [
    ['nothing', Buffer.alloc(0), /at least 236 bytes, got 0/],
    ['235 bytes', rawPacket({}).subarray(0, 235), /at least 236 bytes, got 235/],
    ['4097 bytes', rawPacket({ paddedBytes: 4097 }), /at most 4096 bytes, got 4097/],
    ['operation 0', rawPacket({ op: 0 }), /operation 1 or 2, got 0/],
    ['operation 3', rawPacket({ op: 3 }), /operation 1 or 2, got 3/],
    ['no hardware address', rawPacket({ hardwareLength: 0 }), /1 to 16 bytes, got 0/],
    ['too long a hardware address', rawPacket({ hardwareLength: 17 }), /1 to 16 bytes, got 17/],
    ['an option cut off', rawPacket({ options: Buffer.from([12, 5, 65]) }), /1 of the 5 bytes/],
    ['an option without a length', rawPacket({ options: Buffer.from([12]) }), /without a length/],
    ['overload 4', rawPacket({ options: rawOption(52, [4]) }), /as option 52, got .04./],
    ['overload without a value', rawPacket({ options: rawOption(52, []) }), /as option 52/],
  ];
  for (const [what, bytes, message] of refused) {
    const error = t.throws(() => decodeDhcp(bytes), { instanceOf: DhcpError, message }, what);
    t.is(error?.code, 'malformed');
  }
});

test('an option that runs out of its overloaded field is refused', (t) => {
  const file = Buffer.alloc(128);
  file.set([12, 200]);
  const bytes = rawPacket({ options: Buffer.concat([rawOption(52, [1]), end]), file });
  t.throws(() => decodeDhcp(bytes), { instanceOf: DhcpError });
});

test('a decoded packet does not change when the buffer under it does', (t) => {
  const bytes = rawPacket({ options: rawOption(12, 'compute-0-0') });
  const packet = decodeDhcp(bytes);
  bytes.fill(0);
  t.is(packet.options.get(12)?.toString(), 'compute-0-0');
});

test('options that do not fit go to file and sname, the first ones of the map first', (t) => {
  const fill = (size: number) => Buffer.alloc(size, 7);
  const options = new Map([
    [53, Buffer.from([5])],
    [43, fill(200)],
    [17, fill(200)],
    [119, fill(100)],
    [12, fill(60)],
    [15, fill(40)],
  ]);
  const bytes = encodeDhcp({ ...reply, file: '', options });
  const packet = decodeDhcp(bytes);
  // 308 bytes of options hold 53, 43 and 12, file holds 119, sname 15; 17 fits nowhere.
  t.deepEqual([...packet.options.keys()].sort(), [119, 12, 15, 43, 53]);
  t.true(bytes.length <= 548);
  const withFile = decodeDhcp(encodeDhcp({ ...reply, options }));
  t.is(withFile.file, 'pxelinux.0');
  t.false(withFile.options.has(119));
});

test('a BOOTP client gets no overloaded fields: it would take them for names', (t) => {
  const options = new Map([
    [12, Buffer.alloc(50, 65)],
    [17, Buffer.alloc(50, 65)],
  ]);
  const bytes = encodeDhcp({ ...reply, file: '', options }, 300);
  t.deepEqual([...decodeDhcp(bytes).options.keys()], [12]);
  t.true(bytes.subarray(44, 236).every((byte) => byte === 0));
});

test('the message type comes first and the relay agent option last, never in file or sname', (t) => {
  const options = new Map([
    [82, Buffer.from([1, 2, 3, 4])],
    [43, Buffer.alloc(240, 7)],
    [53, Buffer.from([2])],
    [12, Buffer.alloc(60, 65)],
    [15, Buffer.alloc(60, 66)],
  ]);
  for (const maximumBytes of [548, 1472]) {
    const bytes = encodeDhcp({ ...reply, file: '', options }, maximumBytes);
    t.is(bytes.subarray(240, 243).toString('hex'), '350102');
    t.true(
      bytes
        .toString('hex', 240)
        .replace(/(?:00)*$/, '')
        .endsWith('520401020304ff'),
    );
    t.is(decodeDhcp(bytes).options.size, 5);
  }
});

test('a relay agent option without room beside the message type is left out', (t) => {
  const options = new Map([
    [53, Buffer.from([2])],
    [82, Buffer.alloc(56)],
  ]);
  const bytes = encodeDhcp({ ...reply, options }, 300);
  t.deepEqual([...decodeDhcp(bytes).options.keys()], [53]);
  t.is(bytes.toString('hex', 240, 244), '350102ff');
});

test('a name too long for its field becomes an option', (t) => {
  const file = `http://10.1.1.1/${'a'.repeat(300)}.efi`;
  const sname = `${'b'.repeat(60)}.example`;
  const options = new Map([[53, Buffer.from([2])]]);
  const packet = decodeDhcp(encodeDhcp({ ...reply, file, sname, options }, 1472));
  t.is(packet.file, '');
  t.is(packet.sname, '');
  t.is(readText(packet.options, dhcpOptions.bootfileName), file);
  t.is(readText(packet.options, dhcpOptions.tftpServerName), sname);
});
