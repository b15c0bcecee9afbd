import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { CpioEntry } from '../types.ts';
import { type ModuleInfo, moduleName, readModuleInfo } from './module-info.ts';

type Module = ModuleInfo & {
  readonly name: string;
  /** From the folder of the kernel's modules, in the ramdisk: `kernel/fs/ext4/ext4.ko.gz`. */
  readonly path: string;
  /** Compressed: few of them are loaded, and the ramdisk lies in memory. */
  readonly gzipped: Buffer;
};

/** Folders and files below `kernel/` whose modules an install may need: cards, disks, file systems. */
const wanted = [
  ...['block/virtio_blk', 'block/xen-blkfront', 'ata/', 'nvme/', 'scsi/', 'message/', 'mmc/'],
  ...['net/ethernet/', 'net/phy/', 'net/mdio/', 'net/usb/', 'net/hyperv/', 'net/vmxnet3/'],
  ...['net/virtio_net', 'net/xen-netfront', 'net/fjes/', 'net/mii', 'net/net_failover'],
  ...[
    'virtio/',
    'hv/',
    'usb/host/',
    'usb/storage/',
    'hid/hid.ko',
    'hid/hid-generic',
    'hid/usbhid/',
  ],
  ...['hid/hid-hyperv', 'input/serio/hyperv-keyboard', 'pci/controller/vmd'],
].map((path) => `drivers/${path}`);
const wantedBeside = [
  ...['fs/ext4/', 'fs/fat/', 'fs/efivarfs/', 'fs/nls/nls_cp437', 'fs/nls/nls_ascii'],
  ...['fs/nls/nls_iso8859-1', 'fs/nls/nls_utf8', 'crypto/crc32c_generic', 'lib/libcrc32c'],
  'arch/x86/crypto/crc32c-intel',
];
/** For switches, and for disks on networks of storage: large, and rarely what a node is installed on. */
const unwanted = [
  ...['pcmcia/', 'lpfc/', 'qla2xxx/', 'qla4xxx/', 'bfa/', 'elx/', 'fnic/', 'fcoe/', 'csiostor/'],
  ...['qedf/', 'qedi/', 'bnx2fc/', 'bnx2i/', 'be2iscsi/', 'cxgbi/', 'libfc/'],
].map((path) => `drivers/scsi/${path}`);
const unwantedBeside = ['drivers/net/ethernet/mellanox/mlxsw/'];

/**
 * The modules of a kernel that an install may need, each with all that it needs itself, and the
 * tables by which modprobe finds them (modules.dep(5)). `folder` is `lib/modules/<release>`
 * unpacked; `release` names it in the ramdisk. Throws RamdiskError `bad-module`.
 */
export async function collectModules(
  folder: string,
  release: string,
): Promise<readonly CpioEntry[]> {
  const names = await readdir(join(folder, 'kernel'), { recursive: true });
  const paths = names.filter((name) => name.endsWith('.ko')).sort();
  const byName = new Map(paths.map((path) => [moduleName(basename(path, '.ko')), path]));
  const chosen = new Map<string, Module>();
  const queue = paths.filter(isWanted);
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const name = moduleName(basename(path, '.ko'));
    if (chosen.has(name)) continue;
    const module = await readModule(folder, path);
    chosen.set(name, module);
    const further = [...module.needs, ...module.softNeeds].flatMap(
      (each) => byName.get(each) ?? [],
    );
    queue.push(...further);
  }
  const modules = [...chosen.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const base = `lib/modules/${release}`;
  const table = (name: string, lines: readonly string[]): CpioEntry => {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    return { kind: 'file', path: `${base}/${name}`, mode: 0o644, bytes };
  };
  return [
    ...modules.map(({ path, gzipped }) => {
      return { kind: 'file', path: `${base}/${path}`, mode: 0o644, bytes: gzipped } as const;
    }),
    table(
      'modules.dep',
      modules.map((module) => renderNeeds(module, chosen)),
    ),
    table('modules.alias', modules.flatMap(renderAliases)),
  ];
}

function isWanted(path: string): boolean {
  if ([...unwanted, ...unwantedBeside].some((each) => path.startsWith(each))) return false;
  return [...wanted, ...wantedBeside].some((each) => path.startsWith(each));
}

async function readModule(folder: string, path: string): Promise<Module> {
  const bytes = await readFile(join(folder, 'kernel', path));
  const name = moduleName(basename(path, '.ko'));
  const gzipped = await promisify(gzip)(bytes);
  return { name, path: `kernel/${path}.gz`, gzipped, ...readModuleInfo(bytes, path) };
}

/** All that it needs, the nearest first: modprobe loads them from the last to the first. */
function renderNeeds(module: Module, all: ReadonlyMap<string, Module>): string {
  const order: Module[] = [];
  const visit = (each: Module): void => {
    for (const name of [...each.needs, ...each.softNeeds]) {
      const needed = all.get(name);
      if (needed === undefined || needed === module || order.includes(needed)) continue;
      visit(needed);
      order.push(needed);
    }
  };
  visit(module);
  const paths = order.reverse().map(({ path }) => ` ${path}`);
  return `${module.path}:${paths.join('')}`;
}

function renderAliases({ name, aliases }: Module): readonly string[] {
  return aliases.map((alias) => `alias ${alias} ${name}`);
}
