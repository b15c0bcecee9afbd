import test from 'ava';
import { clientKinds } from '../../../src/frontend/dhcp/defaults.ts';
import {
  dhcpExportFormats,
  exportWithWarnings,
  renderDhcpExport,
} from '../../../src/frontend/dhcp/export.ts';
import type { DhcpSettings } from '../../../src/frontend/dhcp/types.ts';
import { homeNetwork, node, relayedNetwork, settings } from './fixture.ts';

const all: DhcpSettings = {
  ...settings,
  unknown: 'ignore',
  networks: [
    { ...homeNetwork, mtu: 9000, options: new Map([[43, Buffer.from([1, 2, 3])]]) },
    { ...relayedNetwork, range: undefined },
  ],
  bootFiles: [
    { node: 'compute-0-0', filename: '{node}.efi' },
    { architectures: [16], filename: '{http}/boot/shimx64.efi' },
    { clientKind: 'ipxe', filename: '{http}/boot/{mac}.ipxe' },
    { architectures: 'none', nextServer: '10.1.1.2', filename: '/install/sbin/kickstart.cgi' },
  ],
};
const nodes = [
  node({ macs: ['52:54:00:00:00:01', '52:54:00:00:00:02'], dhcpOptions: { domain: 'own' } }),
  node({ name: 'sw-0', macs: ['52:54:00:00:00:03'], role: 'switch', address: '10.2.0.9' }),
  node({ name: 'elsewhere', macs: ['52:54:00:00:00:04'], address: '172.16.0.9' }),
  node({ name: 'anywhere', macs: ['52:54:00:00:00:05'], address: undefined }),
];

function linesOf(format: 'dnsmasq' | 'isc'): readonly string[] {
  const lines = renderDhcpExport(format, all, nodes).split('\n');
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

test('dnsmasq: networks, reservations, and one boot file for each client', (t) => {
  t.deepEqual(linesOf('dnsmasq'), [
    'port=0',
    'interface=eth1',
    'bind-interfaces',
    'dhcp-authoritative',
    'dhcp-ignore=tag:!known',
    'dhcp-range=set:net0,10.1.200.1,10.1.200.20,255.255.0.0,1200',
    'dhcp-option=tag:net0,3,10.1.1.254',
    'dhcp-option=tag:net0,6,10.1.1.1',
    'dhcp-option=tag:net0,15,"cluster.local"',
    'dhcp-option=tag:net0,26,9000',
    'dhcp-option=tag:net0,43,01:02:03',
    'dhcp-host=52:54:00:00:00:01,52:54:00:00:00:02,set:boots,set:node-compute-0-0,10.1.0.5,compute-0-0',
    'dhcp-option=tag:node-compute-0-0,15,"own"',
    'dhcp-range=set:net1,10.2.0.0,static,255.255.255.0,1200',
    'dhcp-option=tag:net1,6',
    'dhcp-option=tag:net1,3,10.2.0.1',
    'dhcp-host=52:54:00:00:00:03,set:node-sw-0,10.2.0.9,sw-0',
    'dhcp-host=52:54:00:00:00:05,set:boots,set:node-anywhere,anywhere',
    'dhcp-match=set:arch-16,option:client-arch,16',
    'dhcp-match=set:any-arch,option:client-arch',
    'tag-if=set:boot0,tag:node-compute-0-0',
    'dhcp-boot=tag:boots,tag:boot0,compute-0-0.efi,,10.1.1.1',
    'tag-if=set:boot1,tag:arch-16',
    'dhcp-boot=tag:boots,tag:boot1,tag:!boot0,http://10.1.1.1/boot/shimx64.efi,,10.1.1.1',
    'dhcp-option-force=tag:boots,tag:boot1,tag:!boot0,60,HTTPClient',
    'tag-if=set:boot2,tag:!any-arch',
    'dhcp-boot=tag:boots,tag:boot2,tag:!boot0,tag:!boot1,/install/sbin/kickstart.cgi,,10.1.1.2',
  ]);
});

test('ISC: networks, reservations, and one boot file for each client', (t) => {
  t.deepEqual(linesOf('isc'), [
    'authoritative;',
    'server-identifier 10.1.1.1;',
    'option scree-arch code 93 = unsigned integer 16;',
    ...[3, 6, 15, 26, 28, 43].map((code) => `option scree-${code} code ${code} = string;`),
    'subnet 10.1.0.0 netmask 255.255.0.0 {',
    'option subnet-mask 255.255.0.0;',
    'option scree-28 0a:01:ff:ff;',
    'option scree-3 0a:01:01:fe;',
    'option scree-6 0a:01:01:01;',
    'option scree-15 63:6c:75:73:74:65:72:2e:6c:6f:63:61:6c;',
    'option scree-26 23:28;',
    'option scree-43 01:02:03;',
    'default-lease-time 1200;',
    'max-lease-time 1200;',
    'pool {',
    'deny unknown-clients;',
    'range 10.1.200.1 10.1.200.20;',
    '}',
    '}',
    'subnet 10.2.0.0 netmask 255.255.255.0 {',
    'option subnet-mask 255.255.255.0;',
    'option scree-28 0a:02:00:ff;',
    'option scree-3 0a:02:00:01;',
    'default-lease-time 1200;',
    'max-lease-time 1200;',
    '}',
    'group {',
    'if (hardware = 1:52:54:00:00:00:01 or hardware = 1:52:54:00:00:00:02) {',
    'next-server 10.1.1.1;',
    'filename "compute-0-0.efi";',
    '} elsif option scree-arch = 00:10 {',
    'next-server 10.1.1.1;',
    'filename "http://10.1.1.1/boot/shimx64.efi";',
    'option vendor-class-identifier "HTTPClient";',
    '} elsif not exists scree-arch {',
    'next-server 10.1.1.2;',
    'filename "/install/sbin/kickstart.cgi";',
    '}',
    ...['compute-0-0', 'compute-0-0.1'].flatMap((name, at) => [
      `host ${name} {`,
      `hardware ethernet 52:54:00:00:00:0${at + 1};`,
      'fixed-address 10.1.0.5;',
      'option host-name "compute-0-0";',
      'option scree-15 6f:77:6e;',
      '}',
    ]),
    'host anywhere {',
    'hardware ethernet 52:54:00:00:00:05;',
    'option host-name "anywhere";',
    '}',
    '}',
    'host sw-0 {',
    'hardware ethernet 52:54:00:00:00:03;',
    'fixed-address 10.2.0.9;',
    'option host-name "sw-0";',
    '}',
  ]);
});

test('Kea: networks, reservations, and one boot file for each client', (t) => {
  const text = renderDhcpExport('kea', all, nodes);
  const { Dhcp4 } = JSON.parse(text.replaceAll(/^\/\/.*$/gm, ''));
  t.is(Dhcp4['ip-reservations-unique'], false);
  t.deepEqual(
    Dhcp4['client-classes'].map((each: Record<string, unknown>) => [
      each.test,
      each['next-server'],
      each['boot-file-name'],
    ]),
    [
      ['pkt4.mac == 0x525400000003', undefined, undefined],
      [
        "(pkt4.mac == 0x525400000001 or pkt4.mac == 0x525400000002) and not member('scree-no-boot')",
        '10.1.1.1',
        'compute-0-0.efi',
      ],
      [
        "(option[93].hex == 0x0010) and not member('scree-no-boot') and not member('scree-boot-0')",
        '10.1.1.1',
        'http://10.1.1.1/boot/shimx64.efi',
      ],
      [
        "(not option[93].exists) and not member('scree-no-boot') and not member('scree-boot-0') and not member('scree-boot-1')",
        '10.1.1.2',
        '/install/sbin/kickstart.cgi',
      ],
    ],
  );
  const [home, relayed] = Dhcp4.subnet4;
  t.deepEqual(home.pools, [{ pool: '10.1.200.1 - 10.1.200.20', 'client-class': 'KNOWN' }]);
  t.deepEqual(
    [home.id, home.subnet, relayed.subnet, relayed.pools.length],
    [1, '10.1.0.0/16', '10.2.0.0/24', 0],
  );
  t.is(home.reservations.length, 3, 'one without an address');
  t.deepEqual(home.reservations[2], {
    'hw-address': '52:54:00:00:00:05',
    hostname: 'anywhere',
  });
  t.deepEqual(
    home['option-data'].find((each: { code: number }) => each.code === 26),
    {
      code: 26,
      'csv-format': false,
      data: '2328',
    },
  );
});

test('where unknown machines get addresses, the others give them some too', (t) => {
  const open = { ...all, unknown: 'address' } as const;
  for (const format of dhcpExportFormats) {
    t.notRegex(renderDhcpExport(format, open, nodes), /known"?$|tag:!known|deny unknown|"KNOWN/im);
  }
});

test('a machine that is not known gets no boot file of Kea', (t) => {
  const open = renderDhcpExport('kea', { ...all, unknown: 'address' }, nodes);
  const tests = open.split('\n').filter((line) => /"test": .*93/.test(line));
  t.is(tests.length, 2);
  for (const line of tests) t.true(line.includes("member('KNOWN')"), line);
});

test('what is somebody’s is not in the ranges for anyone', (t) => {
  const range = { first: '10.1.0.1', last: '10.1.0.9' };
  const networks = [{ ...homeNetwork, range, routers: ['10.1.0.9', '10.1.1.254'] }];
  const taken = ['10.1.0.1', '10.1.0.5', '10.1.0.6'].map((address, at) =>
    node({ name: `n${at}`, macs: [`52:54:00:00:01:0${at}`], address }),
  );
  const changed = { ...all, networks };
  const kea = renderDhcpExport('kea', changed, taken);
  t.deepEqual(kea.match(/10\.1\.0\.\d - 10\.1\.0\.\d/g), [
    '10.1.0.2 - 10.1.0.4',
    '10.1.0.7 - 10.1.0.8',
  ]);
  const isc = renderDhcpExport('isc', changed, taken);
  t.deepEqual(isc.match(/range .*;/g), ['range 10.1.0.2 10.1.0.4;', 'range 10.1.0.7 10.1.0.8;']);
});

test('each kind of client that the frontend knows is told apart by the others', (t) => {
  for (const clientKind of clientKinds) {
    const bootFiles = [{ clientKind, filename: 'first' }, { filename: 'second' }];
    const [isc, kea] = (['isc', 'kea'] as const).map((format) =>
      renderDhcpExport(format, { ...all, bootFiles }, nodes),
    );
    t.regex(isc ?? '', /(?:if|elsif) (?!true)[^{]+\{\n.*\n *filename "first"/, clientKind);
    t.notRegex(kea ?? '', /"test": "not member\('scree-no-boot'\)",[^}]*first/, clientKind);
  }
});

const silent = { probe: true, bootFiles: [] };

test('what the other server is not told is named', (t) => {
  const bootFiles = [
    { clientKind: 'ipxe', filename: '{http}/boot/{mac}.ipxe' },
    { node: 'none-such', filename: 'a' },
    { filename: '{node}.efi' },
    { clientKind: 'bootp', filename: 'b' },
    { filename: 'c'.repeat(128) },
  ] as const;
  const settings = {
    ...all,
    clientClasses: ['pxe'],
    unknown: 'discover',
    bootFiles: [...bootFiles, { filename: '{mac}' }],
  } as const;
  const machines = [...nodes, node({ name: 'picky', clientClasses: ['d-i'] })];
  const config = { probe: false, bootFiles };
  const told = exportWithWarnings('dnsmasq', { settings, config, nodes: machines }).warnings;
  t.deepEqual(told, [
    'elsewhere is left out: expected an address in 10.1.0.0/16, 10.2.0.0/24, got 172.16.0.9',
    'dhcp.boot-files[0] is left out: the other server cannot fill in {mac}',
    "dhcp.boot-files[1] is left out: expected a node of this name, found no 'none-such'",
    'dhcp.boot-files[2] is left out: the other server cannot fill in {node}',
    'dhcp.boot-files[4] is left out: the other server takes at most 127 characters, got 128',
    'dhcp.classes is left out: dnsmasq answers every client',
    'the client classes of picky are left out: dnsmasq has none',
    "dhcp.unknown: dnsmasq ignores unknown machines, and remembers none for 'discover'",
    'dhcp.probe is left out: dnsmasq asks whether an address is in use all the same',
  ]);
  const kea = exportWithWarnings('kea', { settings, config, nodes }).warnings;
  t.true(
    kea.includes('dhcp.boot-files: Kea answers BOOTP only with its hook library libdhcp_bootp.so'),
  );
});

test('an option that no line of dnsmasq’s takes is left out, and named', (t) => {
  const options = new Map([
    [224, Buffer.alloc(256, 'x')],
    [225, Buffer.alloc(255, 'y')],
  ]);
  const settings = { ...all, networks: [{ ...homeNetwork, options }] };
  const exported = exportWithWarnings('dnsmasq', { settings, config: silent, nodes: [] });
  t.deepEqual(exported.warnings, [
    'option 224 of 10.1.0.0/16 is left out: dnsmasq takes at most 255 bytes, got 256',
  ]);
  t.notRegex(exported.text, /,224,/);
  t.regex(exported.text, /,225,79:79/);
  for (const format of ['isc', 'kea'] as const) {
    const other = exportWithWarnings(format, { settings, config: silent, nodes: [] });
    t.deepEqual(other.warnings, [], format);
    t.regex(other.text, /(?:78:?){256}/, format);
  }
});

test('nothing is named where all can be said', (t) => {
  for (const format of dhcpExportFormats) {
    const { text, warnings } = exportWithWarnings(format, {
      settings: all,
      config: silent,
      nodes: nodes.slice(0, 2),
    });
    t.deepEqual(warnings, []);
    t.is(text, renderDhcpExport(format, all, nodes.slice(0, 2)));
  }
});

test('a node without an address is left out where there is no range at all', (t) => {
  const networks = all.networks.map((network) => ({ ...network, range: undefined }));
  const settings = { ...all, networks };
  const machines = [node({ name: 'anywhere', address: undefined })];
  const { text, warnings } = exportWithWarnings('isc', {
    settings,
    config: silent,
    nodes: machines,
  });
  t.notRegex(text, /anywhere/);
  t.deepEqual(warnings, [
    'anywhere is left out: expected an address in 10.1.0.0/16, 10.2.0.0/24, got none',
  ]);
});

test('no text of the settings begins a line of its own', (t) => {
  const evil = 'x"\n};\ndhcp-script=/bin/sh\n"';
  const bootFiles = [{ vendorClass: evil, filename: evil }];
  for (const format of dhcpExportFormats) {
    const text = renderDhcpExport(format, { ...all, bootFiles }, nodes);
    t.notRegex(text, /^\s*(?:dhcp-script|\};)/m);
  }
});
