import type { networkInterfaces } from 'node:os';
import test from 'ava';
import fc from 'fast-check';
import { proxyBootFiles } from '../../../src/frontend/dhcp/boot-file.ts';
import { dhcpDefaults } from '../../../src/frontend/dhcp/defaults.ts';
import { createDhcpSettings, type DhcpConfig } from '../../../src/frontend/dhcp/settings.ts';
import { FrontendError } from '../../../src/frontend/errors.ts';
import { addressBits, formatAddress } from '../../../src/protocol/dhcp/address.ts';
import { relayedNetwork } from './fixture.ts';
import { interfaces } from './interfaces.ts';

const config: DhcpConfig = {
  mode: 'server',
  interface: 'eth1',
  range: { first: '10.1.200.1', last: '10.1.250.254' },
  router: ['10.1.1.254'],
  dns: ['10.1.1.1'],
  domain: 'cluster.local',
  ntp: ['10.1.1.2'],
  mtu: 9000,
  leaseSeconds: 600,
  routes: [{ network: '10.3.0.0', prefixLength: 16, router: '10.1.1.253' }],
  options: new Map([[43, Buffer.from([1, 4])]]),
  unknown: 'discover',
  classes: ['pxe', 'd-i'],
  rolesWithoutBoot: ['switch'],
  probe: true,
  networks: [relayedNetwork],
  bootFiles: [{ node: 'compute-0-0', filename: 'special.efi' }],
};

function settingsFrom(
  changed: Partial<DhcpConfig> = {},
  httpPort = 80,
  listed: typeof networkInterfaces = interfaces,
) {
  return createDhcpSettings({ ...config, ...changed }, { httpPort, interfaces: listed });
}

test("the server's address is the first IPv4 one, and its network is served", (t) => {
  t.like(settingsFrom(), {
    interface: 'eth1',
    address: '10.1.1.1',
    httpUrl: 'http://10.1.1.1',
    unknown: 'discover',
    clientClasses: ['pxe', 'd-i'],
    rolesWithoutBoot: ['switch'],
  });
  t.deepEqual(settingsFrom().networks, [
    {
      prefix: '10.1.0.0/16',
      range: config.range,
      routers: ['10.1.1.254'],
      dns: ['10.1.1.1'],
      domain: 'cluster.local',
      ntp: ['10.1.1.2'],
      mtu: 9000,
      staticRoutes: config.routes,
      options: config.options,
      leaseSeconds: 600,
    },
    relayedNetwork,
  ]);
});

test('the rules of the configuration go before the usual ones', (t) => {
  t.deepEqual(settingsFrom().bootFiles, [...config.bootFiles, ...dhcpDefaults.bootFiles]);
  const { bootFiles } = settingsFrom({ mode: 'proxy' });
  t.deepEqual(bootFiles, [...config.bootFiles, ...proxyBootFiles]);
});

test('what was left out is said to nobody', (t) => {
  const { networks } = settingsFrom({
    range: undefined,
    router: [],
    domain: '',
    mtu: 0,
  });
  t.like(networks[0], { range: undefined, routers: [], domain: undefined, mtu: undefined });
});

test('a port other than 80 stands in the URL', (t) => {
  t.is(settingsFrom({}, 8080).httpUrl, 'http://10.1.1.1:8080');
});

test('the network is that of the mask, of any length', (t) => {
  const prefixOf = (cidr: string) => {
    const [address = ''] = cidr.split('/');
    const common = { address, cidr, netmask: '', mac: '', internal: false };
    return createDhcpSettings(
      { ...config, range: undefined, router: [], routes: [], networks: [] },
      { httpPort: 80, interfaces: () => ({ eth1: [{ ...common, family: 'IPv4' }] }) },
    ).networks[0]?.prefix;
  };
  t.is(prefixOf('192.0.2.7/25'), '192.0.2.0/25');
  t.is(prefixOf('192.0.2.200/25'), '192.0.2.128/25');
  t.is(prefixOf('200.1.2.3/1'), '128.0.0.0/1');
  fc.assert(
    fc.property(fc.nat(0xffffffff), fc.integer({ min: 1, max: 30 }), (bits, length) => {
      const address = formatAddress(bits);
      const kept = addressBits(address).toString(2).padStart(32, '0').slice(0, length);
      const first = formatAddress(Number.parseInt(kept.padEnd(32, '0'), 2));
      const last = formatAddress(Number.parseInt(kept.padEnd(32, '1'), 2));
      // These two are no host's.
      fc.pre(address !== first && address !== last);
      return prefixOf(`${address}/${length}`) === `${first}/${length}`;
    }),
  );
});

const refused: readonly (readonly [string, Partial<DhcpConfig>, RegExp])[] = [
  [
    'an interface that is not there',
    { interface: 'eth7' },
    /^dhcp\.interface: expected an interface with an IPv4 address \(lo, eth0, eth1, eth2\), got 'eth7': no such interface$/,
  ],
  ['no interface', { interface: '' }, /^dhcp\.interface: expected .*, got '': no such interface$/],
  [
    'an interface without an IPv4 address',
    { interface: 'eth2' },
    /^dhcp\.interface: expected .*, got 'eth2': none on it$/,
  ],
  [
    'a range elsewhere',
    { range: { first: '10.2.0.1', last: '10.2.0.9' } },
    /^dhcp\.range: expected a range of hosts in 10\.1\.0\.0\/16, got 10\.2\.0\.1-10\.2\.0\.9$/,
  ],
  [
    'a range from its end to its beginning',
    { range: { first: '10.1.0.9', last: '10.1.0.1' } },
    /^dhcp\.range: expected a range of 1 to 262144 addresses, got 10\.1\.0\.9-10\.1\.0\.1$/,
  ],
  [
    'a router elsewhere and a lease too short, both at once',
    { router: ['10.1.1.254', '10.2.0.1'], leaseSeconds: 119 },
    /^dhcp\.router: expected routers in 10\.1\.0\.0\/16, got 10\.2\.0\.1\ndhcp\.lease: expected a lease of 120 s or more, got 119$/,
  ],
  [
    'a route by way of somewhere else',
    { routes: [{ network: '10.3.0.0', prefixLength: 16, router: '10.2.0.1' }] },
    /^dhcp\.routes: expected routes by way of 10\.1\.0\.0\/16, got 10\.2\.0\.1$/,
  ],
  [
    "a network in the interface's own",
    { networks: [{ ...relayedNetwork, prefix: '10.1.2.0/24', range: undefined, routers: [] }] },
    /^dhcp\.networks\[0\]\.network: expected networks apart .*10\.1\.0\.0\/16 and 10\.1\.2\.0\/24$/,
  ],
];

for (const [what, changed, message] of refused) {
  test(`${what} is refused`, (t) => {
    t.throws(() => settingsFrom(changed), { instanceOf: FrontendError, code: 'bad-dhcp', message });
  });
}

test('what is wrong is told with its place in the file', (t) => {
  const placeOf = (path: readonly string[]) => `scree.yaml:${path.length}:7`;
  const elsewhere = { first: '10.2.0.1', last: '10.2.0.9' };
  const places = [
    [{ interface: 'eth7' }, /^scree\.yaml:2:7: dhcp\.interface: expected/],
    [{ range: elsewhere }, /^scree\.yaml:2:7: dhcp\.range: expected/],
    [{ networks: [{ ...relayedNetwork, prefix: '10.0.0.0/8' }] }, /^scree\.yaml:4:7: dhcp\.netw/],
  ] as const;
  for (const [changed, message] of places) {
    t.throws(() => settingsFrom({ ...changed, placeOf }), { message });
  }
});

test('a route on the link itself has no router', (t) => {
  const routes = [{ network: '10.3.0.0', prefixLength: 16, router: '0.0.0.0' }];
  t.notThrows(() => settingsFrom({ routes }));
});

test('an interface that the system does not list is looked up', (t) => {
  const error = t.throws(() => settingsFrom({ interface: 'lo' }, 80, () => ({})));
  t.regex(error?.message ?? '', /got 'lo': none on it: ip address add \S+ dev lo$/);
});
