import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import {
  AddressError,
  addressBits,
  formatAddress,
  formatMac,
  macBytes,
  parseAddress,
} from '../../../src/protocol/dhcp/address.ts';

test('any 32 bits come back as they were', (t) => {
  const property = fc.property(fc.nat(0xffff_ffff), (bits) => {
    assert.equal(parseAddress(formatAddress(bits)), bits);
  });
  t.notThrows(() => fc.assert(property));
  t.is(formatAddress(0xffff_ffff), '255.255.255.255');
  t.is(addressBits('10.1.0.2'), 0x0a01_0002);
});

test('what is no IPv4 address in its one dotted form is refused', (t) => {
  for (const text of ['', '10.1.1', '10.1.1.256', '010.1.1.1', '10.1.1.1 ', '::1', '1.2.3.4.5']) {
    t.is(parseAddress(text), undefined, text);
    t.throws(() => addressBits(text), { instanceOf: AddressError, code: 'bad-address' }, text);
  }
});

test('any hardware address comes back as it was', (t) => {
  const property = fc.property(fc.uint8Array({ minLength: 1, maxLength: 16 }), (bytes) => {
    assert.deepEqual(macBytes(formatMac(Buffer.from(bytes))), Buffer.from(bytes));
  });
  t.notThrows(() => fc.assert(property));
  t.is(formatMac(macBytes('52:54:00:AB:CD:0E')), '52:54:00:ab:cd:0e');
});

test('what is no hardware address is refused', (t) => {
  for (const text of ['', '525400123456', '52-54', '5:4', Array(17).fill('00').join(':')]) {
    t.throws(() => macBytes(text), { instanceOf: AddressError, code: 'bad-mac' }, text);
  }
});
