import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dynamicRange, machinesUpTo } from './machines.ts';
import type { DhcpServer, Stage, TftpServer } from './stage.ts';
import { waitForUdpPort } from './udp-port.ts';

/** dnsmasq with no limit in its way, telling nothing of single packets. */
export const dnsmasq: DhcpServer & TftpServer = {
  name: 'dnsmasq',
  needs: [{ file: '/usr/sbin/dnsmasq', debianPackage: 'dnsmasq-base' }],
  hasWindows: false,
  startDhcp: async (stage, { kind, machines, probe }) => {
    const reserved = kind === 'reserved' ? machinesUpTo(machines) : [];
    const hostsPath = join(stage.folder, 'hosts');
    const lines = reserved.map(({ name, mac, address }) => `${mac},${address},${name}\n`);
    await writeFile(hostsPath, lines.join(''));
    const range = kind === 'range' ? `${dynamicRange.first},${dynamicRange.last}` : dhcpOnly;
    return start(stage, 67, [
      ...(probe ? [] : ['--no-ping']),
      ...['--dhcp-authoritative', '--quiet-dhcp', '--dhcp-lease-max=100000'],
      ...[`--dhcp-leasefile=${join(stage.folder, 'leases')}`, `--dhcp-hostsfile=${hostsPath}`],
      ...[`--dhcp-range=${range},255.255.0.0,20m`, `--dhcp-option=3,${stage.server.ip}`],
      ...['--domain=rack.local', '--dhcp-boot=pxelinux.0'],
    ]);
  },
  startTftp: (stage, root) =>
    start(stage, 69, [
      ...['--enable-tftp', `--tftp-root=${root}`, '--tftp-max=1000', '--quiet-tftp'],
    ]),
};

const dhcpOnly = '10.88.0.0,static';

function start({ server, folder }: Stage, port: number, options: readonly string[]) {
  const program = server.start([
    ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--user=root'],
    ...['--port=0', '--interface=eth0', '--bind-interfaces', '--log-facility=-'],
    ...[`--pid-file=${join(folder, 'dnsmasq.pid')}`, ...options],
  ]);
  return waitForUdpPort(program, port);
}
