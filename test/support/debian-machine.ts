import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeAgentHome } from './agent-home.ts';
import type { DebianSystem } from './debian-system.ts';
import type { RackHost } from './rack.ts';
import type { RackProcess } from './rack-process.ts';

const ramdiskScript = fileURLToPath(new URL('debian-ramdisk.sh', import.meta.url));
const stepsScript = fileURLToPath(new URL('debian-steps.sh', import.meta.url));

/** What a machine's loader is told. */
export type BootOrder =
  | { readonly kind: 'disk' }
  | {
      readonly kind: 'kernel';
      readonly initrd: string;
      /** The kernel's arguments, with what PXELINUX adds. */
      readonly commandLine: string;
    };

/** A machine on a wire of a boot lab: its firmware, its loader, and Debian's ramdisk. */
export type DebianMachine = {
  readonly mac: string;
  /** On its disk. */
  readonly system: DebianSystem;
  /** As a card's ROM and PXELINUX ask: an address, the loader, its configuration. */
  readonly powerOn: () => Promise<BootOrder>;
  /** Starts the ramdisk that the loader was told of. It ends when the machine would reboot. */
  readonly install: (order: BootOrder) => Promise<RackProcess>;
  /** A file of the ramdisk. */
  readonly readFile: (path: string) => Promise<string>;
};

/**
 * `keyring` is that of the archive that it installs from; it stands for Debian's. In `folder` is the
 * frontend's `state`.
 */
export async function makeDebianMachine(
  host: RackHost,
  config: {
    readonly folder: string;
    readonly keyring: string;
    /** The agent is in an image that the loader is told of; these steps instead of the usual ones. */
    readonly steps?: string;
  },
): Promise<DebianMachine> {
  const machine = join(config.folder, host.name);
  const ramdisk = join(machine, 'ramdisk');
  await mkdir(ramdisk, { recursive: true });
  await host.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
  const { stdout } = await host.run(['ip', '-oneline', 'link', 'show', 'eth0']);
  const mac = /link\/ether (\S+)/.exec(stdout)?.[1] ?? '';
  const fetch = (path: string) =>
    host.run(['curl', '-sS', '--tftp-blksize', '1428', `tftp://10.88.0.1/${path}`]);
  return {
    mac,
    system: { host, root: join(ramdisk, 'target') },
    powerOn: async () => {
      const loader = await askAsFirmware(host, machine);
      if (loader !== 'pxelinux.0') throw new Error(`expected pxelinux.0, got ${loader}`);
      const dashed = mac.replaceAll(':', '-');
      return readOrder((await fetch(`pxelinux.cfg/01-${dashed}`)).stdout, `BOOTIF=01-${dashed}`);
    },
    install: async (order) => {
      if (order.kind === 'disk') throw new Error('expected a kernel to boot, got the disk');
      await writeFile(join(machine, 'cmdline'), `${order.commandLine}\n`);
      for (const path of order.initrd.split(',')) {
        const url = `tftp://10.88.0.1/${path}`;
        await host.run(['sh', '-ec', unpack, 'sh', url], { cwd: ramdisk });
      }
      // An address is the kernel's to lose.
      await host.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
      const own = '--mount --uts --pid --fork --kill-child --propagation private'.split(' ');
      const agent = config.steps === undefined ? join(machine, 'agent') : '';
      if (agent !== '') await makeAgentHome(agent, join(config.folder, 'state/keys/manifest.pub'));
      const steps = config.steps ?? stepsScript;
      const script = [ramdiskScript, machine, agent, steps, config.keyring];
      return host.start(['unshare', ...own, 'sh', ...script]);
    },
    readFile: (path) => readFile(join(ramdisk, path), 'utf8'),
  };
}

const unpack =
  'curl -sS --tftp-blksize 1428 -o ../packed "$1"; cat=zcat; ' +
  'zcat -t ../packed 2>/dev/null || cat="zstd -dc"; $cat ../packed | busybox cpio -idmu 2>/dev/null';

/** Takes the address that it is given. Resolves with the boot file’s name. */
async function askAsFirmware(host: RackHost, folder: string): Promise<string> {
  const script = join(folder, 'udhcpc.sh');
  const take = 'ip addr replace $ip/$mask dev eth0; echo "boot file: $boot_file"';
  await writeFile(script, `#!/bin/sh\n[ "$1" != bound ] || { ${take}; }\n`);
  await chmod(script, 0o755);
  const asRom = ['-V', 'PXEClient:Arch:00000:UNDI:002001', '-t', '5', '-T', '1', '-s', script];
  const { stdout } = await host.run(['udhcpc', '-i', 'eth0', '-f', '-q', '-n', ...asRom]);
  return /^boot file: (.*)$/m.exec(stdout)?.[1] ?? '';
}

function readOrder(config: string, bootInterface: string): BootOrder {
  const word = (name: string) => new RegExp(`^ *${name} (.*)$`, 'm').exec(config)?.[1] ?? '';
  if (word('LOCALBOOT') !== '') return { kind: 'disk' };
  const commandLine = `${word('APPEND')} ${bootInterface}`;
  return { kind: 'kernel', initrd: word('INITRD'), commandLine };
}
