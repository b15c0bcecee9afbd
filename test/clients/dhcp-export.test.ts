import { execFile } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { parseConfig } from '../../src/frontend/config.ts';
import { clientKinds } from '../../src/frontend/dhcp/defaults.ts';
import {
  type DhcpExport,
  type DhcpExportFormat,
  dhcpExportFormats,
  renderDhcpExport,
} from '../../src/frontend/dhcp/export.ts';
import { exportDhcp } from '../../src/frontend/dhcp/main.ts';
import type { DhcpSettings } from '../../src/frontend/dhcp/types.ts';
import { createNodes } from '../../src/frontend/nodes/main.ts';
import { homeNetwork, node, settings } from '../frontend/dhcp/fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
// Where Debian keeps what root runs; not in every user's PATH.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

const onLoopback: DhcpSettings = {
  ...settings,
  interface: 'lo',
  address: '127.0.0.1',
  networks: [{ ...homeNetwork, prefix: '127.0.0.0/8', range: undefined, routers: [] }],
};

/** Each server's own check of a configuration; rejects with what it says against it. */
const checks = {
  dnsmasq: (path: string) => ['dnsmasq', '--test', '-C', path],
  isc: (path: string) => ['dhcpd', '-t', '-cf', path],
  kea: (path: string) => ['kea-dhcp4', '-t', path],
} as const;

async function accepts(
  t: ExecutionContext,
  format: DhcpExportFormat,
  text: string,
): Promise<string> {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'scree.conf');
  await writeFile(path, text);
  const [program = '', ...args] = checks[format](path);
  const { stdout, stderr } = await run(await unconfined(program, folder), args, {
    env,
    timeout: 60_000,
  });
  return `${stdout}${stderr}`;
}

/** AppArmor's profiles of the two hold for their own path, and let them read /etc only. */
async function unconfined(program: string, folder: string): Promise<string> {
  if (program === 'dnsmasq') return program;
  const copy = join(folder, program);
  await copyFile(join('/usr/sbin', program), copy);
  return copy;
}

const keaWarning = 'dhcp.boot-files: Kea answers BOOTP only with its hook library libdhcp_bootp.so';

const config = `
state: state
dhcp:
  interface: lo
  range: 127.1.0.1-127.1.0.9
  router: 127.0.0.254
  dns: [127.0.0.1, 127.0.0.2]
  domain: cluster.local
  ntp: 127.0.0.3
  mtu: 9000
  routes: [10.9.0.0/16 via 127.0.0.253, 10.8.0.0/20 via 0.0.0.0]
  options:
    time-offset: -3600
    domain-search: [rack.example, example.org]
    root-path: "/srv/a, b"
    19: true
    23: 64
    38: 60
    43: "0x010403"
    150: [10.1.1.1, 10.1.1.2]
    wpad: http://10.1.1.1/wpad.dat
    224: text of its own
    225: [10.1.1.1, 10.1.1.2]
    226: "0x7f"
  networks:
    - network: 10.2.0.0/16
      range: 10.2.200.1-10.2.250.254
      router: 10.2.0.1
      lease: 600
      routes: 10.9.0.0/16 via 10.2.0.9
      options: { tftp-server-name: other, bootfile-name: x }
    - { network: 10.3.0.0/24, dns: [], domain: "" }
  boot-files:
    - { node: compute-0-0, file: "{node}.efi" }
    - { architecture: [7, 9], vendor-class: PXEClient, file: shimx64.efi, server: 10.1.1.2 }
    - { architecture: 16, file: "{http}/boot/a,b" }
    - { user-class: "my class", vendor-class: "Apple MacNC", file: x }
    - { architecture: 0, file: none }
KINDS
    - { file: last }
`.replace(
  'KINDS',
  clientKinds.map((kind) => `    - { kind: ${kind}, file: ${kind}.img }`).join('\n'),
);

async function exportAll(t: ExecutionContext, format: DhcpExportFormat): Promise<DhcpExport> {
  const parsed = parseConfig(config, join(await temporaryFolder(t), 'scree.yaml'));
  const nodes = createNodes({ state: parsed.state });
  const macs = (...last: readonly number[]) => last.map((each) => `52:54:00:00:00:0${each}`);
  const dhcpOptions = { mtu: 1400, 43: '0x0104', domain: 'own' };
  await nodes.add({ name: 'compute-0-0', macs: macs(1), address: '10.2.0.5', dhcpOptions });
  await nodes.add({ name: 'sw-0', macs: macs(2), address: '10.2.0.9', role: 'switch' });
  await nodes.add({ name: 'nas', macs: macs(3, 4), address: '10.3.0.9' });
  await nodes.add({ name: 'anywhere', macs: macs(5), dhcpOptions });
  return exportDhcp(format, parsed);
}

for (const format of dhcpExportFormats) {
  test(`${format} accepts what is printed of all that can be configured`, async (t) => {
    const { text, warnings } = await exportAll(t, format);
    t.deepEqual(warnings, format === 'kea' ? [keaWarning] : []);
    t.notRegex(await accepts(t, format, text), /warn|error|fail/i);
  });

  test(`${format} accepts the usual table, for a machine with two cards`, async (t) => {
    const macs = ['52:54:00:00:00:01', '52:54:00:00:00:02'];
    const text = renderDhcpExport(format, onLoopback, [node({ macs, address: '127.0.0.5' })]);
    t.notRegex(await accepts(t, format, text), /warn|error|fail/i);
  });

  test(`${format} refuses what is not its language`, async (t) => {
    const text = renderDhcpExport(format, onLoopback, [node({ address: '127.0.0.5' })]);
    const broken = `${text}\ndhcp-rang=1 {\n`;
    await t.throwsAsync(accepts(t, format, broken), { message: /Command failed/ });
  });
}
