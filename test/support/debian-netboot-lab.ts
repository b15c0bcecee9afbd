import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { agentImage, builtInActions } from '../../src/frontend/boot/plan-boot.ts';
import type { ProgressDocument } from '../../src/frontend/installs/documents.ts';
import { makeDisk } from './bare-machines.ts';
import { type BootLab, openBootLab } from './boot-lab.ts';
import { makeNetbootMirror, makeNetbootRamdisk } from './debian-netboot-mirror.ts';
import type { RackProcess } from './rack-process.ts';
import { runTool } from './tool.ts';
import { biosMachine, powerOn } from './virtual-machine.ts';

export type NetbootLab = BootLab & {
  /** What the installer writes into its log; each line has the time of its arrival, in milliseconds. */
  readonly syslog: RackProcess;
  readonly node: string;
  readonly switchOn: () => Promise<RackProcess>;
  readonly shownInstall: () => Promise<{
    readonly bootState: string;
    readonly progress: ProgressDocument | null;
  }>;
  /** The end of the installer's log, of an install that has failed. */
  readonly installLog: () => Promise<string>;
  /** Names in a folder of the system that was installed. */
  readonly listDisk: (folder: string) => Promise<readonly string[]>;
};

const node = 'compute-0-0';
const mac = '52:54:00:88:00:02';
const printer = fileURLToPath(new URL('syslog-printer.ts', import.meta.url));

/** A PC with an empty disk, and a frontend with a mirror from which Debian's own installer installs it. */
export async function openNetbootLab(
  t: ExecutionContext,
  plan: {
    readonly profile: string;
    /** Files of the operator's own profiles. */
    readonly profiles?: Readonly<Record<string, string>>;
  },
): Promise<NetbootLab> {
  const mirror = await makeNetbootMirror();
  const lab = await openBootLab(t, {
    settings: {
      boot: { actions: { install: installWith('log_host={frontend}') } },
      // The ROM of the card is iPXE; it is to go by TFTP, as most firmware does.
      dhcp: { 'boot-files': [{ kind: 'ipxe', file: 'pxelinux.0' }] },
    },
    tree: { name: 'debian12', folder: mirror.folder },
    files: { 'debian/initrd': await makeNetbootRamdisk(mirror) },
    prepare: async (control, tftpboot) => {
      for (const [path, text] of Object.entries(plan.profiles ?? {})) {
        const file = join(tftpboot, '../profiles', path);
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
      }
      await control('image', 'build', '--compression', 'zstd-quick');
      const attributes = ['language=C.UTF-8', 'ssh-keys=["ssh-ed25519 AAAA me"]'];
      await control('attr', 'set', '--global', `profile=${plan.profile}`, ...attributes);
    },
    advertisesIpv6: true,
  });
  const syslog = lab.frontend.start([process.execPath, printer, '10.88.0.1']);
  await syslog.waitForLine(/^ready/, 60_000);
  await lab.addNode({ name: node, mac, ip: '10.88.0.50', action: 'install' });
  const disk = await makeDisk(lab.folder, node, 6144);
  const socket = ['--unix-socket', join(lab.folder, 'state/scree.sock')];
  const get = async (path: string) => {
    const url = `http://scree/api/v1/${path}`;
    return (await lab.frontend.run(['curl', '-sS', '--fail', ...socket, url])).stdout;
  };
  t.teardown(() => (t.passed ? undefined : logLastLines(t, syslog)));
  return {
    ...lab,
    syslog,
    node,
    switchOn: async () => {
      const args = [...biosMachine(mac), '-m', '1024', ...disk];
      const machine = await powerOn(lab.machine(), { args });
      t.teardown(() => (t.passed ? undefined : logLastLines(t, machine)));
      return machine;
    },
    shownInstall: async () => JSON.parse(await get(`installs/${node}`)),
    installLog: async () => JSON.parse(await get(`nodes/${node}/install-log`)).text,
    listDisk: async (folder) => {
      const [disk, partition] = [`${join(lab.folder, node)}.disk`, join(lab.folder, 'partition')];
      const listed = await runTool(['sh', '-ec', listing, 'sh', folder, disk, partition]);
      const names = listed.split('\n').flatMap((line) => line.split('/')[5] ?? []);
      if (names.length === 0) throw new Error(`expected the names in ${folder}, got: ${listed}`);
      return names;
    },
  };
}

// The power was cut: its file system is in order when its journal has been gone through.
const listing = `
if [ ! -e "$3" ]; then
  dd if="$2" of="$3" bs=1M skip=1 conv=sparse status=none
  e2fsck -fy "$3" || [ $? -eq 1 ]
fi
exec debugfs -R "ls -p $1" "$3" 2>&1
`;

function logLastLines(t: ExecutionContext, { title, stdout }: RackProcess): void {
  t.log([`${title}:`, ...stdout.lines().slice(-60)].join('\n'));
}

/** The built-in action, with further arguments. */
export function installWith(further: string) {
  const [kernel, initrd] = ['debian/linux', 'debian/initrd'];
  const plan = builtInActions({ kernel, initrds: [initrd], agent: agentImage }).get('install');
  if (plan?.kind !== 'kernel') throw new Error('expected install to boot a kernel');
  const { initrds, args } = plan;
  return { kernel, initrds, args: `${args} ${further}` };
}
