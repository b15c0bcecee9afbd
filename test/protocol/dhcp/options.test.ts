import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import {
  encodeAddress,
  encodeAddresses,
  encodeText,
  encodeUint8,
  encodeUint16,
  encodeUint32,
  readAddress,
  readAddresses,
  readText,
  readUint8,
  readUint16,
  readUint32,
  replyLimitBytes,
} from '../../../src/protocol/dhcp/options.ts';

const code = 200;
const option = (bytes: Buffer) => new Map([[code, bytes]]);
const address = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => bytes.join('.'));

test('what is encoded is read back', (t) => {
  const addresses = fc.array(address, { minLength: 1, maxLength: 20 });
  const text = fc.string({ minLength: 1 }).filter((each) => !each.endsWith('\0'));
  const property = fc.property(addresses, text, fc.nat(0xffff_ffff), (list, word, number) => {
    const [first = ''] = list;
    assert.equal(readAddress(option(encodeAddress(first)), code), first);
    assert.deepEqual(readAddresses(option(encodeAddresses(list)), code), list);
    assert.equal(readText(option(encodeText(word)), code), word);
    assert.equal(readUint8(option(encodeUint8(number >>> 24)), code), number >>> 24);
    assert.equal(readUint16(option(encodeUint16(number >>> 16)), code), number >>> 16);
    assert.equal(readUint32(option(encodeUint32(number)), code), number);
  });
  t.notThrows(() => fc.assert(property));
});

test('numbers stand in network order', (t) => {
  t.is(encodeUint16(0x0102).toString('hex'), '0102');
  t.is(encodeUint32(0x01020304).toString('hex'), '01020304');
  t.is(encodeAddress('10.1.255.254').toString('hex'), '0a01fffe');
});

test('an option that is missing or of a wrong length reads as undefined', (t) => {
  const readers = [readAddress, readUint8, readUint16, readUint32];
  for (const read of readers) {
    t.is(read(new Map(), code), undefined);
    for (const length of [0, 3, 5]) t.is(read(option(Buffer.alloc(length)), code), undefined);
  }
  t.is(readAddresses(new Map(), code), undefined);
  for (const length of [0, 1, 6]) {
    t.is(readAddresses(option(Buffer.alloc(length)), code), undefined);
  }
});

test('texts lose the NULs at their end; one of nothing else reads as undefined', (t) => {
  t.is(readText(option(Buffer.from('d-i\0\0')), code), 'd-i');
  t.is(readText(option(Buffer.from('a\0b')), code), 'a\0b');
  t.is(readText(option(Buffer.from('\0')), code), undefined);
  t.is(readText(option(Buffer.alloc(0)), code), undefined);
});

test('an answer may be as long as the client allows, within a frame of Ethernet', (t) => {
  const discover = [53, Buffer.from([1])] as const;
  const limit = (bytes: number) => replyLimitBytes(new Map([discover, [57, encodeUint16(bytes)]]));
  t.is(replyLimitBytes(new Map([discover])), 548);
  t.is(limit(1472), 1444);
  t.is(limit(576), 548);
  t.is(limit(100), 548);
  t.is(limit(65_535), 1472);
  t.is(replyLimitBytes(new Map()), 300);
});
