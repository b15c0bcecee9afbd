import { join, resolve } from 'node:path';
import type { RackHost } from './rack.ts';
import type { RackProcess } from './rack-process.ts';

export type VirtualMachine = {
  readonly program?: 'qemu-system-x86_64' | 'qemu-system-ppc64';
  /** Its network is the one called `net`: `-device virtio-net-pci,netdev=net,mac=…`. */
  readonly args: readonly string[];
};

/** A PC with a BIOS, and with iPXE in the ROM of its network card. */
export function biosMachine(mac: string): readonly string[] {
  return [
    '-cpu',
    'max',
    '-m',
    '512',
    '-device',
    `virtio-net-pci,netdev=net,mac=${mac},bootindex=1`,
  ];
}

/** A PC with UEFI, whose card has no ROM: it is booted by the firmware itself. */
export function uefiMachine(mac: string): readonly string[] {
  const card = `virtio-net-pci,netdev=net,mac=${mac},romfile=,bootindex=1`;
  return ['-cpu', 'max', '-m', '1024', '-bios', '/usr/share/ovmf/OVMF.fd', '-device', card];
}

/**
 * Switches a virtual machine on, on the wire of a host of the rack, which loses its own address.
 * The machine's serial line is the process's output. Ended by `kill`, as by its power switch, it
 * can be switched on again.
 */
export async function powerOn(
  host: RackHost,
  { program = 'qemu-system-x86_64', args }: VirtualMachine,
): Promise<RackProcess> {
  await host.run(['sh', '-ec', wire]);
  return host.start([
    ...[program, '-accel', 'tcg,tb-size=256', '-display', 'none', '-monitor', 'none'],
    ...['-chardev', `stdio,id=console${logOf(host)}`, '-serial', 'chardev:console'],
    ...['-netdev', 'tap,id=net,ifname=tap0,script=no,downscript=no'],
    ...args,
  ]);
}

/** What its kernel says of programs that it ended because there was no memory left. */
export function endedForMemory({ stdout }: RackProcess): readonly string[] {
  return stdout.lines().filter((line) => /Out of memory|oom-kill|invoked oom-killer/.test(line));
}

/** With CONSOLES=FOLDER in the environment, what a long test's machines say can be read meanwhile. */
function logOf({ name }: RackHost): string {
  const folder = process.env.CONSOLES;
  if (folder === undefined) return '';
  return `,logfile=${join(resolve(folder), `${name}.log`)},logappend=on`;
}

/** A host's port and the machine's, on one bridge. */
const wire = `
! ip link show br0 >/dev/null 2>&1 || exit 0
ip addr flush dev eth0
ip link add br0 type bridge
ip tuntap add tap0 mode tap
ip link set eth0 master br0
ip link set tap0 master br0 up
ip link set br0 up
`;
