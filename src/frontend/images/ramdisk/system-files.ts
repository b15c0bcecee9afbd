import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../../../runtime/errors.ts';
import { findLibraries } from '../libraries.ts';
import type { CpioEntry } from '../types.ts';
import { RamdiskError } from './errors.ts';

const programs = [
  ...['bin/busybox', 'sbin/mke2fs', 'sbin/sfdisk', 'usr/bin/extlinux', 'usr/bin/gpgv'],
  'usr/bin/perl',
];
const files = [
  ...['etc/mke2fs.conf', 'usr/lib/EXTLINUX/gptmbr.bin', 'usr/lib/EXTLINUX/mbr.bin'],
  ...['usr/sbin/debootstrap', 'usr/share/keyrings/debian-archive-keyring.gpg'],
];
const folders = ['usr/share/debootstrap', 'usr/lib/x86_64-linux-gnu/perl-base'];
const libraries = 'lib/x86_64-linux-gnu';

/** Our own, by what they are called in the ramdisk. */
const own: ReadonlyMap<string, string> = new Map([
  ['init', 'init'],
  ['usr/bin/wget', 'wget'],
  ['usr/share/scree/udhcpc', 'udhcpc'],
]);

const texts: ReadonlyMap<string, string> = new Map([
  ['etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'],
  ['etc/group', 'root:x:0:\ntty:x:5:\n'],
  ['etc/hosts', '127.0.0.1\tlocalhost\n'],
]);

/**
 * What the ramdisk has beside the kernel's modules and the agent: programs out of unpacked packages
 * with the libraries that they load, and `init`. BusyBox makes its links when it starts.
 * Throws RamdiskError `bad-package`, ImageError.
 */
export async function collectSystemFiles(root: string): Promise<readonly CpioEntry[]> {
  const entries: CpioEntry[] = [];
  for (const path of [...programs, ...files]) entries.push(await readEntry(root, path));
  for (const folder of folders) entries.push(...(await readFolder(root, folder)));
  for (const [path, name] of own) {
    const bytes = await readFile(fileURLToPath(new URL(`files/${name}`, import.meta.url)));
    entries.push({ kind: 'file', path, mode: 0o755, bytes });
  }
  for (const [path, text] of texts) {
    entries.push({ kind: 'file', path, mode: 0o644, bytes: Buffer.from(text) });
  }
  return [...entries, ...(await readLibraries(root))];
}

async function readEntry(root: string, path: string): Promise<CpioEntry> {
  const full = join(root, path);
  try {
    const [bytes, { mode }] = await Promise.all([readFile(full), stat(full)]);
    return { kind: 'file', path, mode: (mode & 0o100) === 0 ? 0o644 : 0o755, bytes };
  } catch (cause) {
    const text = `expected '${path}' in Debian's packages, got ${messageOf(cause)}`;
    throw new RamdiskError('bad-package', text, { cause });
  }
}

async function readFolder(root: string, folder: string): Promise<readonly CpioEntry[]> {
  const found = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
  const entries = found
    .filter((entry) => !entry.isDirectory())
    .map(async (entry): Promise<CpioEntry> => {
      const path = join(entry.parentPath, entry.name).slice(join(root, '/').length);
      if (!entry.isSymbolicLink()) return readEntry(root, path);
      return { kind: 'link', path, target: await readlink(join(root, path)) };
    });
  return Promise.all(entries);
}

async function readLibraries(root: string): Promise<readonly CpioEntry[]> {
  const found = new Map<string, CpioEntry>();
  for (const path of programs) {
    const bytes = await readFile(join(root, path));
    // A program that brings all that it needs.
    if (!bytes.includes('/lib64/ld-linux')) continue;
    const { all } = await findLibraries({ bytes, path }, { architecture: 'x64', root });
    for (const { name, bytes } of all) {
      found.set(name, { kind: 'file', path: `${libraries}/${basename(name)}`, mode: 0o755, bytes });
    }
  }
  const loader = 'ld-linux-x86-64.so.2';
  const link = {
    kind: 'link',
    path: `lib64/${loader}`,
    target: `/${libraries}/${loader}`,
  } as const;
  return [...found.values(), link];
}
