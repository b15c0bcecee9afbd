import test from 'ava';
import {
  chooseLocalAddress,
  createLocalAddresses,
  type Interface,
} from '../../src/tracker/local-address.ts';

const interfaces: readonly Interface[] = [
  { family: 'IPv4', address: '127.0.0.1', cidr: '127.0.0.1/8', internal: true },
  { family: 'IPv4', address: '192.0.2.9', cidr: '192.0.2.9/24', internal: false },
  { family: 'IPv4', address: '10.1.0.1', cidr: '10.1.0.1/16', internal: false },
  { family: 'IPv6', address: 'fd00::1', cidr: 'fd00::1/64', internal: false },
];

test('a machine on one of our networks knows us by our address there', (t) => {
  t.is(chooseLocalAddress(interfaces, '10.1.200.7'), '10.1.0.1');
  t.is(chooseLocalAddress(interfaces, '192.0.2.77'), '192.0.2.9');
  t.is(chooseLocalAddress(interfaces, 'fd00::77'), 'fd00::1');
});

test('a machine behind a router knows us by our first address that is not loopback', (t) => {
  t.is(chooseLocalAddress(interfaces, '172.16.0.1'), '192.0.2.9');
  t.is(chooseLocalAddress(interfaces, 'fd99::1'), 'fd00::1');
});

test('without an address of the family there is none', (t) => {
  t.is(chooseLocalAddress(interfaces.slice(0, 3), 'fd00::77'), undefined);
  t.is(chooseLocalAddress(interfaces.slice(0, 1), '10.1.0.7'), undefined);
});

test('this machine knows itself by loopback', (t) => {
  const localAddressFor = createLocalAddresses({ nowMs: () => 0 });
  t.is(localAddressFor('127.0.0.7'), '127.0.0.1');
  t.is(localAddressFor('::1'), '::1');
});
