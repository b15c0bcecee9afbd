import { appendFile, copyFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { DhcpExportFormat } from '../../src/frontend/dhcp/export.ts';
import type { Offer, Question } from '../support/dhcp-asker.ts';
import { createRack, type RackHost } from '../support/rack.ts';
import type { RackProcess } from '../support/rack-process.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const scree = resolve('scree');
const hosts = [
  { name: 'frontend', ip: '10.88.0.1' },
  { name: 'machine', ip: '10.88.0.2' },
];

const dhcp = `
dhcp:
  mode: server
  interface: eth0
  range: 10.88.200.1-10.88.200.50
  router: 10.88.0.254
  domain: rack.local
  ntp: [10.88.0.9, 10.88.0.8]
  mtu: 9000
  probe: false
  routes: [10.9.0.0/16 via 10.88.0.253, 10.8.0.0/20 via 0.0.0.0]
  options:
    time-offset: -3600
    domain-search: [rack.example, example.org]
    root-path: '/srv/a, "b" #1 \\ c'
    log-servers: 10.88.0.3
    wpad: http://10.1.1.1/wpad.dat
    13: 9
    14: dump
    19: true
    23: 64
    33: "0x0a0000010a000002"
    38: 60
    43: "0x010403"
    100: EST5EDT4
    108: 300
    150: [10.1.1.1, 10.1.1.2]
    209: pxelinux.cfg/x
    211: 3600
    224: text of its own
    225: [10.1.1.1, 10.1.1.2]
    226: "0x7f"
    227: "0x7f01"
  networks:
    - network: 10.2.0.0/16
      range: 10.2.200.1-10.2.200.9
      router: 10.2.0.1
      dns: 10.2.0.2
      lease: 600
      routes: 10.9.0.0/16 via 10.2.0.9
  boot-files:
    - { node: compute-0-0, architecture: none, file: "{node}-{mac}.efi" }
    - { architecture: [7, 9], vendor-class: PXEClient, file: shimx64.efi, server: 10.88.0.7 }
    - { architecture: 16, file: "{http}/boot/a,b" }
    - { user-class: my class, file: my.file }
    - { vendor-class: Apple MacNC, file: apple }
    - { kind: ipxe, file: ipxe }
    - { kind: open-firmware, file: openfirmware }
    - { kind: installer, file: installer }
    - { kind: pxe, file: pxe }
    - { kind: http-boot, file: "http://10.88.0.1/x" }
    - { architecture: 0, file: none }
    - { kind: other, file: other }
`;

const nodes = [
  ['compute-0-0', '--ip', '10.88.0.50', '--option', 'mtu=1400', '--option', 'domain=own'],
  ['compute-0-1', '--ip', '10.88.0.51'],
  ['sw-0', '--ip', '10.88.0.52', '--role', 'switch'],
  ['far', '--ip', '10.2.0.9'],
  ['guest'],
];
const macOf = (at: number) => `52:54:00:00:00:0${at}`;

const text = (value: string) => Buffer.from(value).toString('hex');
const counted = (value: string) => `0${value.length}${text(value)}`;
const wanted = [
  ...[1, 2, 3, 6, 7, 12, 13, 14, 15, 17, 19, 23, 26, 28, 33, 38, 42, 43, 60, 66, 67, 100, 108, 119],
  ...[121, 150, 209, 211, 224, 225, 226, 227, 252],
];

function question(at: number, options: Question['options'] = {}): Question {
  const list = Buffer.from(wanted).toString('hex');
  return { mac: macOf(at), options: { 55: list, 57: '05c0', ...options } };
}

/** Each of another machine, or of another program on it. */
const questions: readonly Question[] = [
  question(0),
  question(1),
  question(2),
  { ...question(3), relay: '10.2.0.1' },
  question(1, { 93: '0007', 60: text('PXEClient:Arch:00007:UNDI:003000') }),
  question(1, { 93: '0009', 60: text('PXEClient:Arch:00009:UNDI:003000') }),
  question(1, { 93: '0010', 60: text('HTTPClient:Arch:00016:UNDI:003001') }),
  question(1, { 93: '0013', 60: text('HTTPClient:Arch:00019:UNDI:003001') }),
  question(1, { 93: '0000', 60: text('PXEClient:Arch:00000:UNDI:002001') }),
  question(1, { 93: '0000', 60: text('PXEClient:Arch:00000'), 77: text('iPXE') }),
  question(1, { 93: '0000', 60: text('PXEClient:Arch:00000'), 77: counted('iPXE') }),
  question(1, { 77: text('my class') }),
  question(1, { 77: counted('my class') }),
  question(1, { 93: '000c' }),
  question(1, { 93: '0003', 60: text('AAPLBSDPC/ppc/x') }),
  question(1, { 93: '0003', 60: text('Apple MacNC 1') }),
  question(1, { 60: text('d-i') }),
  question(1, { 93: '0003', 60: text('anaconda-Linux 6.1') }),
  question(1, { 93: '0000' }),
  question(1, { 93: '0003' }),
  { ...question(9), isVain: true },
];

/** The programs that take what is exported, in a folder of their own. */
async function commandFor(format: DhcpExportFormat, folder: string, exported: string) {
  const path = join(folder, `${format}.conf`);
  const leases = join(folder, `${format}.leases`);
  // AppArmor's profiles hold for the programs' own path.
  const copied = async (program: string) => {
    await copyFile(join('/usr/sbin', program), join(folder, program));
    return join(folder, program);
  };
  await writeFile(path, exported);
  switch (format) {
    case 'dnsmasq':
      return ['dnsmasq', '-d', '-u', 'root', '-l', leases, '-C', path];
    case 'isc':
      await writeFile(leases, '');
      return [
        ...[await copied('dhcpd'), '-f', '-d', '-cf', path, '-lf', leases],
        ...['-pf', join(folder, 'pid'), 'eth0'],
      ];
    case 'kea': {
      const inMemory = '"Dhcp4": { "lease-database": { "type": "memfile", "persist": false },';
      await writeFile(path, exported.replace('"Dhcp4": {', inMemory));
      return [await copied('kea-dhcp4'), '-c', path];
    }
  }
}

async function startOther(
  host: RackHost,
  format: DhcpExportFormat,
  { folder, exported }: { readonly folder: string; readonly exported: string },
): Promise<RackProcess> {
  const PATH = `${process.env.PATH}:/usr/sbin`;
  const env = { PATH, KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder };
  return host.start(await commandFor(format, folder, exported), { env });
}

async function askAll(machine: RackHost): Promise<readonly (Offer | null)[]> {
  const asker = resolve('test/support/dhcp-asker.ts');
  const command = [process.execPath, asker, '10.88.0.1', JSON.stringify(questions)];
  const { stdout } = await machine.run(command, { timeoutMs: 120_000 });
  return JSON.parse(stdout);
}

async function setUp(t: ExecutionContext) {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const [frontend, machine] = [rack.host('frontend'), rack.host('machine')];
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  await appendFile(config, dhcp);
  const control = (...args: readonly string[]) => frontend.run([scree, ...args, '-c', config]);
  for (const [at, [name = '', ...flags]] of nodes.entries()) {
    await control('node', 'add', name, '--mac', macOf(at), ...flags);
  }
  const names = nodes.map(([name = '']) => name);
  await control('node', 'boot', ...names, 'install');
  // The machine is a relay agent, too.
  await frontend.run(['ip', 'route', 'add', '10.2.0.0/16', 'via', '10.88.0.2']);
  await machine.run(['ip', 'addr', 'add', '10.2.0.1/32', 'dev', 'lo']);
  return { frontend, machine, folder, config, control };
}

test('dnsmasq, dhcpd and Kea say what the frontend says, as exported', async (t) => {
  const { frontend, machine, folder, config, control } = await setUp(t);
  const server = await startFrontend(frontend, config);
  const offers = await askAll(machine);
  await server.stop();
  t.is(offers.indexOf(null), questions.length - 1, 'all but the last one are answered');
  for (const format of ['dnsmasq', 'isc', 'kea'] as const) {
    const { stdout, stderr } = await control('dhcp', 'export', '--format', format);
    t.notRegex(stderr, /boot-files|networks/);
    const other = await startOther(frontend, format, { folder, exported: stdout });
    const theirs = await askAll(machine);
    await other.stop();
    for (const [at, ours] of offers.entries()) {
      t.deepEqual(comparable(theirs[at]), comparable(ours), `${format}, question ${at}`);
    }
  }
});

/** Where there is no file, it does not matter whose it would be. */
function comparable(offer: Offer | null | undefined) {
  return offer?.filename === '' ? { ...offer, nextServer: '' } : offer;
}

test('a node without an address gets one of the range, and its boot file', async (t) => {
  const { frontend, machine, folder, control } = await setUp(t);
  const guest = JSON.stringify([question(4, { 60: text('d-i') })]);
  const asker = [process.execPath, resolve('test/support/dhcp-asker.ts'), '10.88.0.1', guest];
  for (const format of ['dnsmasq', 'isc', 'kea'] as const) {
    const { stdout } = await control('dhcp', 'export', '--format', format);
    const other = await startOther(frontend, format, { folder, exported: stdout });
    const [offer] = JSON.parse((await machine.run(asker)).stdout);
    await other.stop();
    t.regex(offer?.address, /^10\.88\.200\.\d+$/, format);
    t.like(offer, { filename: 'installer', options: { 12: text('guest') } }, format);
  }
});
