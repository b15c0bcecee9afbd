import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { renderDhcpExport } from '../../src/frontend/dhcp/export.ts';
import type { DhcpSettings } from '../../src/frontend/dhcp/types.ts';
import { homeNetwork, node, relayedNetwork, settings } from '../frontend/dhcp/fixture.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = promisify(execFile);
// Where Debian keeps what root runs; not in every user's PATH.
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

async function accepts(t: ExecutionContext, text: string): Promise<string> {
  const path = join(await temporaryFolder(t), 'scree.conf');
  await writeFile(path, text);
  const { stderr } = await run('dnsmasq', ['--test', '-C', path], { env, timeout: 20_000 });
  return stderr;
}

test('dnsmasq accepts what `scree dhcp export` prints', async (t) => {
  const config = join(await temporaryFolder(t), 'scree.yaml');
  const lines = [
    'state: state',
    'dhcp:',
    '  mode: off',
    '  interface: lo',
    '  range: 127.1.0.1-127.1.0.9',
    '  router: 127.0.0.254',
    '  dns: [127.0.0.1, 127.0.0.2]',
    '  domain: cluster.local',
    '  ntp: 127.0.0.3',
    '  mtu: 9000',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const args = ['dhcp', 'export', '--format', 'dnsmasq', '-c', config];
  const { stdout } = await run(resolve('scree'), args, { timeout: 60_000 });
  t.regex(await accepts(t, stdout), /syntax check OK/);
});

test('dnsmasq accepts relayed networks, options and boot files of every kind', async (t) => {
  const all: DhcpSettings = {
    ...settings,
    networks: [
      {
        ...homeNetwork,
        staticRoutes: [{ network: '10.3.0.0', prefixLength: 16, router: '10.1.1.253' }],
        options: new Map([
          [43, Buffer.from([1, 2, 3])],
          [209, Buffer.from('pxelinux.cfg')],
        ]),
      },
      { ...relayedNetwork, range: undefined },
    ],
    bootFiles: [
      { node: 'compute-0-0', filename: '{node}.efi' },
      { clientKind: 'bootp', filename: 'yaboot' },
      { vendorClass: 'PXEClient:Arch:00007', userClass: 'iPXE', filename: '{http}/boot/ipxe' },
      ...settings.bootFiles,
    ],
  };
  const text = renderDhcpExport('dnsmasq', all, [
    node({
      macs: ['52:54:00:00:00:01', '52:54:00:00:00:02'],
      dhcpOptions: { domain: 'own', mtu: 9000, routes: '10.9.0.0/16 via 10.1.1.253', 43: '0x0104' },
    }),
    node({ name: 'sw-0', macs: ['52:54:00:00:00:03'], role: 'switch', address: '10.2.0.9' }),
  ]);
  t.regex(await accepts(t, text), /syntax check OK/);
});

test('dnsmasq refuses a line that is not its language', async (t) => {
  const text = renderDhcpExport('dnsmasq', settings, [node()]);
  await t.throwsAsync(accepts(t, `${text}dhcp-rang=1\n`), { message: /bad option|unknown/ });
});
