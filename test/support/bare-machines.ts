import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import {
  fetchPackages,
  findKernelPackage,
  systemPackages,
} from '../../src/frontend/images/ramdisk/packages.ts';
import { type BootLab, type BootLabPlan, openBootLab } from './boot-lab.ts';
import type { RackProcess } from './rack-process.ts';
import { biosMachine, powerOn, uefiMachine } from './virtual-machine.ts';

/** What a machine of the lab is; nothing is on its disk. */
export type BareMachine = {
  readonly name: string;
  readonly firmware: 'bios' | 'uefi';
  readonly mac: string;
  readonly ip: string;
  readonly diskMib: number;
  readonly memoryMib: number;
};

export type BareLab = Omit<BootLab, 'machine'> & {
  /** Makes a node of it that is to be installed by script, and switches it on. */
  readonly install: (machine: BareMachine) => Promise<RackProcess>;
  /** The sum of the ramdisk that they boot. */
  readonly ramdiskSha256: string;
  /** Makes it once more, and returns the sum. */
  readonly remakeRamdisk: () => Promise<string>;
  /** What the database says of it. */
  readonly shownNode: (name: string) => Promise<Readonly<Record<string, unknown>>>;
};

const packages = fileURLToPath(new URL('../../artifacts/ramdisk-packages', import.meta.url));

/**
 * A frontend with the ramdisk that installs by script, made by `scree image build --ramdisk`, and
 * a wire for a machine of each firmware.
 */
export async function openBareLab(
  t: ExecutionContext,
  plan: Pick<BootLabPlan, 'tree'> & {
    readonly profile: string;
    /** A folder. */
    readonly profiles?: string;
    readonly attributes?: Readonly<Record<string, string>>;
  },
): Promise<BareLab> {
  const attributes = { ...plan.attributes, profile: plan.profile };
  // There is no way out of the lab; what lies in the folder is not fetched again.
  const kernel = await findKernelPackage('linux-image-amd64', { folder: packages });
  await fetchPackages([...systemPackages, kernel], { folder: packages });
  const makeRamdisk = async (control: BootLab['control']): Promise<string> => {
    const build = ['image', 'build', '--ramdisk', '--compression', 'zstd-quick', '--json'];
    return JSON.parse(await control(...build, '--packages', packages)).sha256;
  };
  let ramdiskSha256 = '';
  const lab = await openBootLab(t, {
    machines: ['bios', 'uefi'],
    settings: {
      ...(plan.profiles === undefined ? {} : { profiles: plan.profiles }),
      // The ROM of the BIOS's card is iPXE; it is to go by TFTP, as most firmware does.
      dhcp: { 'boot-files': [{ kind: 'ipxe', file: 'pxelinux.0' }] },
    },
    ...(plan.tree === undefined ? {} : { tree: plan.tree }),
    prepare: async (control) => {
      ramdiskSha256 = await makeRamdisk(control);
      for (const [name, value] of Object.entries(attributes)) {
        await control('attr', 'set', '--global', `${name}=${value}`);
      }
    },
    advertisesIpv6: true,
  });
  const install: BareLab['install'] = async ({ name, mac, ip, ...machine }) => {
    await lab.addNode({ name, mac, ip, action: 'debut' });
    const disk = await makeDisk(lab.folder, name, machine.diskMib);
    const memory = ['-m', String(machine.memoryMib)];
    const args =
      machine.firmware === 'bios' ? biosMachine(mac) : [...uefiMachine(mac), ...withoutIpv6];
    const process = await powerOn(lab.machine(machine.firmware), {
      args: [...args, ...memory, ...disk],
    });
    t.teardown(() => logLastLines(t, name, process));
    return process;
  };
  const shownNode: BareLab['shownNode'] = async (name) =>
    JSON.parse(await lab.control('node', 'show', name, '--json'));
  const remakeRamdisk = () => makeRamdisk(lab.control);
  return { ...lab, ramdiskSha256, remakeRamdisk, install, shownNode };
}

// The firmware would wait long for it.
const withoutIpv6 = ['-fw_cfg', 'name=opt/org.tianocore/IPv6Support,string=n'];

/** An empty one: `NAME.disk`. */
export async function makeDisk(
  folder: string,
  name: string,
  sizeMib: number,
): Promise<readonly string[]> {
  const path = join(folder, `${name}.disk`);
  await writeFile(path, '');
  await truncate(path, sizeMib * 2 ** 20);
  const device = 'virtio-blk-pci,drive=disk,bootindex=2';
  return ['-drive', `if=none,id=disk,format=raw,cache=unsafe,file=${path}`, '-device', device];
}

function logLastLines(t: ExecutionContext, name: string, { stdout }: RackProcess): void {
  if (!t.passed) t.log([`console of ${name}:`, ...stdout.lines().slice(-40)].join('\n'));
}
