import test from 'ava';
import type { Interface } from '../../src/tracker/local-address.ts';
import { shownAddress } from '../../src/tracker/shown-address.ts';

const loopback: Interface = {
  family: 'IPv4',
  address: '127.0.0.1',
  cidr: '127.0.0.1/8',
  internal: true,
};
const addresses = ['169.254.7.7', 'fe80::1', 'fd00::1', '10.1.0.1', '192.168.0.1'];
const interfaces: readonly Interface[] = [
  loopback,
  ...addresses.map((address): Interface => {
    const family = address.includes(':') ? 'IPv6' : 'IPv4';
    return { family, address, cidr: null, internal: false };
  }),
];

test('an address, or a name, is shown as it was configured', (t) => {
  for (const host of ['10.9.9.9', '127.0.0.1', 'fd00::9', 'frontend.local']) {
    t.is(shownAddress(host, interfaces), host);
  }
});

test('all addresses are shown as the first that other machines can use', (t) => {
  t.is(shownAddress('0.0.0.0', interfaces), '10.1.0.1');
  t.is(shownAddress('::', interfaces), '10.1.0.1');
  t.is(shownAddress('::', interfaces.slice(0, 4)), 'fd00::1');
});

test('without one they are shown as loopback', (t) => {
  t.is(shownAddress('0.0.0.0', interfaces.slice(0, 4)), '127.0.0.1');
  t.is(shownAddress('::', [loopback]), '::1');
});
