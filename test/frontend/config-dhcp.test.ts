import test from 'ava';
import fc from 'fast-check';
import { ConfigError, parseConfig } from '../../src/frontend/config.ts';
import { dhcpOptions } from '../../src/protocol/dhcp/options.ts';

const parse = (text: string) => parseConfig(text, 'scree.yaml').dhcp;

function problemsOf(text: string): string[] {
  try {
    parse(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
}

test('a section with all keys arrives as it was written', (t) => {
  const { placeOf, ...dhcp } = parse(`
dhcp:
  mode: server
  interface: eth1
  range: 10.1.200.1-10.1.250.254
  router: 10.1.1.254
  dns: [10.1.1.1, 10.1.1.2]
  domain: cluster.local
  ntp: 10.1.1.3
  mtu: 9000
  lease: 600
  routes: [10.9.0.0/16 via 10.1.1.253, 10.8.0.0/24 via 10.1.1.252]
  options: { 43: "0x010403", wpad: "http://10.1.1.1/wpad.dat", 150: 10.1.1.1 }
  unknown: discover
  classes: [pxe, d-i, "PXEClient:Arch:00007"]
  roles-without-boot: [switch]
  probe: false
  networks:
    - network: 10.2.0.0/16
      range: 10.2.200.1-10.2.250.254
      router: 10.2.0.1
      mtu: 1500
      routes: 10.9.0.0/16 via 10.2.0.9
      options: { tftp-server-name: other }
  boot-files:
    - { node: compute-0-0, file: "{node}.efi" }
    - { architecture: [7, 9], file: shimx64.efi, server: 10.1.1.2 }
    - { architecture: none, kind: installer, vendor-class: d-i, user-class: x, file: none }
`);
  t.is(placeOf?.(['dhcp', 'networks', '0', 'range']), 'scree.yaml:20:14');
  t.deepEqual(dhcp, {
    mode: 'server',
    interface: 'eth1',
    range: { first: '10.1.200.1', last: '10.1.250.254' },
    router: ['10.1.1.254'],
    dns: ['10.1.1.1', '10.1.1.2'],
    domain: 'cluster.local',
    ntp: ['10.1.1.3'],
    mtu: 9000,
    leaseSeconds: 600,
    routes: [
      { network: '10.9.0.0', prefixLength: 16, router: '10.1.1.253' },
      { network: '10.8.0.0', prefixLength: 24, router: '10.1.1.252' },
    ],
    options: new Map([
      [43, Buffer.from([1, 4, 3])],
      [150, Buffer.from([10, 1, 1, 1])],
      [252, Buffer.from('http://10.1.1.1/wpad.dat')],
    ]),
    unknown: 'discover',
    classes: ['pxe', 'd-i', 'PXEClient:Arch:00007'],
    rolesWithoutBoot: ['switch'],
    probe: false,
    networks: [
      {
        prefix: '10.2.0.0/16',
        range: { first: '10.2.200.1', last: '10.2.250.254' },
        routers: ['10.2.0.1'],
        dns: ['10.1.1.1', '10.1.1.2'],
        domain: 'cluster.local',
        ntp: ['10.1.1.3'],
        mtu: 1500,
        staticRoutes: [{ network: '10.9.0.0', prefixLength: 16, router: '10.2.0.9' }],
        options: new Map([[dhcpOptions.tftpServerName, Buffer.from('other')]]),
        leaseSeconds: 600,
      },
    ],
    bootFiles: [
      { node: 'compute-0-0', filename: '{node}.efi' },
      { architectures: [7, 9], filename: 'shimx64.efi', nextServer: '10.1.1.2' },
      {
        architectures: 'none',
        clientKind: 'installer',
        vendorClass: 'd-i',
        userClass: 'x',
        filename: '',
      },
    ],
  });
});

test('what is left out has defaults', (t) => {
  for (const text of ['', 'dhcp:\n', 'dhcp: {}\n']) {
    t.like(parse(text), {
      mode: 'off',
      range: undefined,
      routes: [],
      options: new Map(),
      classes: ['pxe', 'http-boot', 'ipxe', 'open-firmware', 'installer', 'bootp', 'other'],
      rolesWithoutBoot: ['switch', 'pdu', 'bmc'],
      probe: true,
      networks: [],
      bootFiles: [],
    });
  }
});

test('a network says itself what it does not want to take over', (t) => {
  const section = 'dns: 10.1.1.1, domain: local, ntp: 10.1.1.2, lease: 600';
  const [silent, loud] = parse(`dhcp: { ${section}, networks: [
    { network: 10.2.0.0/16 },
    { network: 10.3.0.0/16, dns: 10.3.0.1, domain: "", ntp: [], lease: 900 }] }`).networks;
  t.like(silent, { dns: ['10.1.1.1'], domain: 'local', ntp: ['10.1.1.2'], leaseSeconds: 600 });
  t.like(silent, { range: undefined, routers: [], mtu: undefined, staticRoutes: [] });
  t.like(loud, { dns: ['10.3.0.1'], domain: undefined, ntp: [], leaseSeconds: 900 });
});

test('an option of a network goes before what it would take over', (t) => {
  const [network] = parse(
    'dhcp: { dns: 10.1.1.1, networks: [{ network: 10.2.0.0/16, options: { dns: 10.2.0.1 } }] }',
  ).networks;
  t.deepEqual(network?.options, new Map([[6, Buffer.from([10, 2, 0, 1])]]));
});

const refused: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'an unknown key inside of a list',
    'dhcp:\n  networks:\n    - { network: 10.2.0.0/16, ranje: none }\n',
    [
      "scree.yaml:3:31: unknown key 'ranje' in 'dhcp.networks[0]': expected network, range, router, dns, domain, ntp, mtu, lease, routes, options; did you mean 'range'?",
    ],
  ],
  [
    'a key of a list item one level too high',
    'dhcp:\n  vendor-class: d-i\n',
    [
      "scree.yaml:2:3: unknown key 'vendor-class' in 'dhcp': expected mode, interface, range, router, dns, domain, ntp, mtu, lease, routes, options, unknown, classes, roles-without-boot, probe, networks, boot-files; did you mean 'dhcp.boot-files[].vendor-class'?",
    ],
  ],
  [
    'a network without its prefix, and one with bits of a host',
    'dhcp:\n  networks:\n    - { router: 10.2.0.1 }\n    - { network: 10.2.0.1/16 }\n',
    [
      'scree.yaml:3:7: dhcp.networks[0].network: expected a network such as 10.2.0.0/16, without bits of hosts, got nothing',
      'scree.yaml:4:18: dhcp.networks[1].network: expected a network such as 10.2.0.0/16, without bits of hosts, got "10.2.0.1/16"',
    ],
  ],
  [
    'networks that overlap',
    'dhcp:\n  networks:\n    - { network: 10.2.7.0/24 }\n    - { network: 10.2.0.0/16 }\n',
    [
      'scree.yaml:4:18: dhcp.networks[1].network: expected networks apart from each other, got 10.2.0.0/16 and 10.2.7.0/24',
    ],
  ],
  [
    'a range, a router and a route outside of their network',
    'dhcp:\n  networks:\n    - network: 10.2.0.0/16\n      range: 10.2.0.1-10.3.0.9\n      router: [10.2.0.1, 10.1.0.1]\n      routes: 10.9.0.0/16 via 10.1.0.2\n',
    [
      'scree.yaml:4:14: dhcp.networks[0].range: expected a range of hosts in 10.2.0.0/16, got 10.2.0.1-10.3.0.9',
      'scree.yaml:5:15: dhcp.networks[0].router: expected routers in 10.2.0.0/16, got 10.1.0.1',
      'scree.yaml:6:15: dhcp.networks[0].routes: expected routes by way of 10.2.0.0/16, got 10.1.0.2',
    ],
  ],
  [
    'an option that has a key of its own, or two names',
    'dhcp:\n  dns: 10.1.1.1\n  options:\n    dns: 10.1.1.2\n    ntp: 10.1.1.1\n    42: 10.1.1.2\n',
    [
      'scree.yaml:4:10: dhcp.options.dns: expected option 6 once, got dns and options.dns',
      'scree.yaml:5:10: dhcp.options.ntp: expected option 42 once, got options.42 and options.ntp',
    ],
  ],
  [
    'options that are none, or have another form',
    'dhcp:\n  networks:\n    - network: 10.2.0.0/16\n      options:\n        domain-serch: a\n        mtu: big\n        43: 0x0104\n        51: 60\n',
    [
      "scree.yaml:5:23: dhcp.networks[0].options.domain-serch: expected an option's number (1 to 254), or a name such as router, dns or ntp, got 'domain-serch'; did you mean 'domain-search'?",
      'scree.yaml:6:14: dhcp.networks[0].options.mtu: option \'mtu\': expected a whole number from 0 to 65535, got "big"',
      'scree.yaml:7:13: dhcp.networks[0].options.43: option \'43\': expected bytes in hex and in quotes, such as "0x0104", got 260',
      "scree.yaml:8:13: dhcp.networks[0].options.51: option '51' cannot be set: the server fills it in",
    ],
  ],
  [
    'a rule without a file, and one whose file is empty',
    'dhcp:\n  boot-files:\n    - { node: compute-0-0 }\n    - { node: compute-0-0, file: "" }\n',
    [
      'scree.yaml:3:7: dhcp.boot-files[0].file: expected a path such as shimx64.efi, a URL, or none, got nothing',
      'scree.yaml:4:34: dhcp.boot-files[1].file: expected a path such as shimx64.efi, a URL, or none, got ""',
    ],
  ],
  [
    'placeholders that nothing fills in',
    'dhcp:\n  boot-files:\n    - { file: "{nod}.efi" }\n    - { file: "{node.efi" }\n    - { file: "{MAC}" }\n    - { file: "x}" }\n',
    ['{nod}', '{node.efi', '{MAC}', '}'].map(
      (got, at) =>
        `scree.yaml:${at + 3}:15: dhcp.boot-files[${at}].file: expected one of {server}, {http}, {mac}, {node}, got '${got}'`,
    ),
  ],
  [
    'rules for what there is not',
    'dhcp:\n  boot-files:\n    - { kind: pxee, architecture: 65536, node: A, server: here, file: a }\n',
    [
      'scree.yaml:3:15: dhcp.boot-files[0].kind: expected pxe, http-boot, ipxe, open-firmware, installer, bootp, other, got "pxee"',
      'scree.yaml:3:35: dhcp.boot-files[0].architecture: expected a number of option 93 such as 7, a list of them, or none, got 65536',
      'scree.yaml:3:48: dhcp.boot-files[0].node: expected the name of a node, got "A"',
      'scree.yaml:3:59: dhcp.boot-files[0].server: expected an IPv4 address, got "here"',
    ],
  ],
  [
    'one thing in place of a list, or of a mapping',
    'dhcp:\n  networks: 10.2.0.0/16\n  boot-files: { file: a }\n  options: [43]\n  classes: pxe\n  roles-without-boot: switch\n',
    [
      'scree.yaml:2:13: dhcp.networks: expected a list of networks such as [{ network: 10.2.0.0/16 }], got "10.2.0.0/16"',
      'scree.yaml:3:15: dhcp.boot-files: expected a list of rules such as [{ architecture: 7, file: shimx64.efi }], got {"file":"a"}',
      'scree.yaml:4:12: dhcp.options: expected options by name or number, such as { 43: "0x010403" }, got [43]',
      'scree.yaml:5:12: dhcp.classes: expected a list of client classes such as [pxe, ipxe, d-i], got "pxe"',
      'scree.yaml:6:23: dhcp.roles-without-boot: expected a list of roles such as [switch, pdu], got "switch"',
    ],
  ],
];

for (const [title, text, problems] of refused) {
  test(`${title}: refused with its place`, (t) => t.deepEqual(problemsOf(text), problems));
}

test('any values are taken, or refused with a place', (t) => {
  const words = fc.constantFrom(
    ...['10.2.0.0/16', '10.2.0.1', '10.2.0.1-10.2.0.9', 'none', 'pxe', '{http}/a', '0x01', ''],
  );
  const leaf = fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null));
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.array(tie('value'), { size: 'max', maxLength: 4 }),
      fc.dictionary(
        fc.constantFrom(
          ...['network', 'range', 'router', 'routes', 'options', 'file', 'kind', 'dns', '6', '43'],
        ),
        tie('value'),
      ),
    ),
  }));
  const keys = ['networks', 'boot-files', 'options', 'routes', 'classes', 'router', 'probe'];
  t.notThrows(() =>
    fc.assert(
      fc.property(fc.constantFrom(...keys), value, (key, given) =>
        problemsOf(JSON.stringify({ dhcp: { [key]: given } })).every((problem) =>
          /^scree\.yaml:\d+:\d+: /.test(problem),
        ),
      ),
    ),
  );
});
