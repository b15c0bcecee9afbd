import { SocketAddress } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import {
  compactEndpoint,
  formatEndpoint,
  isLoopback,
  normalizeAddress,
} from '../../src/tracker/address.ts';

const port = fc.integer({ min: 1, max: 65_535 });

test('an IPv4 address is the same whichever socket it came through', (t) => {
  t.is(normalizeAddress('::ffff:10.1.1.7'), '10.1.1.7');
  t.is(normalizeAddress('::FFFF:10.1.1.7'), '10.1.1.7');
  t.is(normalizeAddress('10.1.1.7'), '10.1.1.7');
});

test('a zone is no part of an address', (t) => {
  t.is(normalizeAddress('fe80::1%eth0'), 'fe80::1');
});

test('what is no address is none', (t) => {
  for (const text of [undefined, '', 'localhost', '10.1.1', '10.1.1.1:80', '::ffff:10.1.1.999']) {
    t.is(normalizeAddress(text), undefined, text ?? 'undefined');
  }
});

test('loopback is all of 127.0.0.0/8 and ::1', (t) => {
  t.true(['127.0.0.1', '127.9.9.9', '::1'].every(isLoopback));
  t.false(['10.127.0.1', '128.0.0.1', '::2', 'fe80::1'].some(isLoopback));
});

test('an IPv6 endpoint has brackets', (t) => {
  t.is(formatEndpoint('fd00::7', 6881), '[fd00::7]:6881');
  t.is(formatEndpoint('10.1.1.7', 6881), '10.1.1.7:6881');
});

test('compact IPv4 endpoints are four bytes and a port', (t) => {
  fc.assert(
    fc.property(fc.ipV4(), port, (address, number) => {
      const bytes = compactEndpoint(address, number);
      t.is([...bytes.subarray(0, 4)].join('.'), address);
      t.is(bytes.readUInt16BE(4), number);
      t.is(bytes.length, 6);
    }),
  );
});

test('compact IPv6 endpoints hold the same address in any of its spellings', (t) => {
  fc.assert(
    fc.property(fc.ipV6(), port, (address, number) => {
      const bytes = compactEndpoint(address, number);
      const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16));
      t.is(bytes.length, 18);
      t.is(bytes.readUInt16BE(16), number);
      t.is(canonical(groups.join(':')), canonical(address));
    }),
  );
});

function canonical(address: string): string {
  return new SocketAddress({ address, family: 'ipv6' }).address;
}
