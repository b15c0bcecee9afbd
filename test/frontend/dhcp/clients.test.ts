import test from 'ava';
import { dhcpOptions } from '../../../src/protocol/dhcp/options.ts';
import { client, clients, machine } from './clients.ts';
import { frontend, ignoreOf, node, replyOf } from './fixture.ts';

type Golden = {
  readonly to: string;
  readonly file: string;
  /** In the order of the wire. */
  readonly codes: readonly number[];
};

const kickstart = '/install/sbin/kickstart.cgi';
const head = [53, 54, 51];
const unicast = 'unicast-to-yiaddr';
const edk2 = [1, 3, 6, 12, 15, 28, 58, 59, 66, 67];
const everything = [1, 12, 58, 59, 28, 3, 6, 15];
const script = 'http://10.1.1.1/boot/boot.ipxe';

const answered: ReadonlyMap<string, Golden> = new Map([
  [
    'iPXE in the ROM of a BIOS',
    { to: unicast, file: script, codes: [...head, 61, 97, 1, 3, 6, 12, 15, 66, 67] },
  ],
  [
    'iPXE in an EFI ROM',
    { to: unicast, file: script, codes: [...head, 61, 97, 1, 3, 6, 12, 15, 66, 67] },
  ],
  ['PXE of OVMF', { to: 'broadcast', file: 'shimx64.efi', codes: [...head, 97, ...edk2] }],
  [
    'HTTP boot of OVMF',
    {
      to: 'broadcast',
      file: 'http://10.1.1.1/boot/snponly.efi',
      codes: [...head, 97, 60, ...edk2],
    },
  ],
  ['syslinux.efi', { to: 'broadcast', file: kickstart, codes: [...head, 1, 3, 6] }],
  ['the DISCOVER of SLOF', { to: unicast, file: 'grub.elf', codes: [...head, 1, 3, 6, 66, 67] }],
  ['the REQUEST of SLOF', { to: unicast, file: 'grub.elf', codes: [...head, 1, 3, 6, 66, 67] }],
  [
    "the Debian installer's udhcpc",
    { to: unicast, file: `http://10.1.1.1${kickstart}`, codes: [...head, 61, 1, 3, 6, 12, 15, 28] },
  ],
  ['anaconda', { to: unicast, file: kickstart, codes: [...head, 1, 28, 3, 15, 6, 12] }],
  ["Apple's Open Firmware", { to: unicast, file: 'yaboot', codes: [...head, 60, 1, 3] }],
  [
    "the BOOTP of Apple's older firmware",
    { to: unicast, file: 'grub.elf', codes: [1, 12, 28, 3, 6, 15] },
  ],
  ['an Intel Mac', { to: unicast, file: kickstart, codes: [...head, 60, ...everything] }],
  ['BOOTP without options', { to: unicast, file: 'pxelinux.0', codes: [1, 12, 28, 3, 6, 15] }],
  [
    "an installed system's dhclient",
    { to: unicast, file: kickstart, codes: [...head, 1, 28, 3, 15, 6, 12] },
  ],
  ['PXE of a BIOS', { to: unicast, file: 'pxelinux.0', codes: [...head, 1, 3, 66, 67] }],
  ['PXE of ia32 UEFI', { to: unicast, file: 'shimia32.efi', codes: [...head, 1, 3, 66, 67] }],
  ['PXE of x64 UEFI (9)', { to: unicast, file: 'shimx64.efi', codes: [...head, 1, 3, 66, 67] }],
  ['PXE of arm64 UEFI', { to: unicast, file: 'shimaa64.efi', codes: [...head, 1, 3, 66, 67] }],
]);
const macos = ['MacOS X', "today's MacOS", "the BSDP list of Apple's Open Firmware"];

function machineNode(values: Parameters<typeof node>[0] = {}) {
  return node({ macs: [machine.mac], address: machine.address, ...values });
}

test('each client that is known has its line here', (t) => {
  t.deepEqual([...clients.keys()].sort(), [...answered.keys(), ...macos].sort());
});

for (const [name, golden] of answered) {
  const packet = client(name);

  test(`${name}: a node to be installed gets its address and its boot file`, (t) => {
    const { packet: reply, to, event } = replyOf(frontend([machineNode()]).decide(packet));
    t.deepEqual({ to, file: reply.file, codes: [...reply.options.keys()] }, golden);
    t.deepEqual([reply.yiaddr, reply.siaddr], [machine.address, '10.1.1.1']);
    t.is(event.filename, golden.file);
    t.deepEqual([reply.xid, reply.mac, reply.op], [packet.xid, packet.mac, 'reply']);
    for (const code of [dhcpOptions.clientUuid, dhcpOptions.clientId]) {
      t.deepEqual(reply.options.get(code), packet.options.get(code));
    }
  });

  test(`${name}: a switch gets an address, and nothing to boot`, (t) => {
    const { packet: reply } = replyOf(frontend([machineNode({ role: 'switch' })]).decide(packet));
    t.deepEqual([reply.yiaddr, reply.siaddr, reply.file], [machine.address, '0.0.0.0', '']);
    const codes = [dhcpOptions.tftpServerName, dhcpOptions.bootfileName, dhcpOptions.vendorClass];
    t.false(codes.some((code) => reply.options.has(code)));
  });

  test(`${name}: a node that permits another class only hears nothing`, (t) => {
    const decision = frontend([machineNode({ clientClasses: ['no-such-class'] })]).decide(packet);
    t.is(ignoreOf(decision).reason, 'class-not-permitted');
    t.is(decision.lease, undefined);
  });

  test(`${name}: an unknown machine hears nothing where the policy says so`, (t) => {
    const decision = frontend([], { unknown: 'ignore' }).decide(packet);
    t.is(ignoreOf(decision).reason, 'unknown-machine');
    t.is(decision.lease, undefined);
  });
}

const openFirmware = [
  'the DISCOVER of SLOF',
  'the REQUEST of SLOF',
  "Apple's Open Firmware",
  "the BOOTP of Apple's older firmware",
];

for (const name of openFirmware) {
  const reasonFor = (values: Parameters<typeof node>[0]) =>
    ignoreOf(frontend([machineNode(values)]).decide(client(name))).reason;

  test(`${name}: a machine that boots its disk hears nothing`, (t) => {
    t.is(reasonFor({ bootAction: 'os', bootState: 'os' }), 'boots-from-disk');
    t.is(reasonFor({ bootAction: 'install', bootState: 'failed' }), 'boots-from-disk');
  });

  test(`${name}: a machine that is being installed, or rescued, is answered`, (t) => {
    for (const values of [
      { bootAction: 'os', bootState: 'installing' },
      { bootAction: 'rescue', bootState: 'os' },
      { bootAction: 'rescue', bootState: 'failed' },
    ] as const) {
      t.is(frontend([machineNode(values)]).decide(client(name)).kind, 'reply');
    }
  });

  test(`${name}: an unknown machine hears nothing, so that it boots its disk`, (t) => {
    t.is(ignoreOf(frontend([]).decide(client(name))).reason, 'boots-from-disk');
  });
}

for (const name of macos) {
  test(`${name}: an installed MacOS hears nothing, even where its firmware would`, (t) => {
    t.is(ignoreOf(frontend([machineNode()]).decide(client(name))).reason, 'installed-macos');
    t.is(ignoreOf(frontend([]).decide(client(name))).reason, 'installed-macos');
  });

  test(`${name}: an installed MacOS is answered where its node permits that`, (t) => {
    const permitted = machineNode({ clientClasses: ['installed-macos'] });
    t.is(frontend([permitted]).decide(client(name)).kind, 'reply');
  });
}
