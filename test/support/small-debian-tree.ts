import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fetchPackages } from '../../src/frontend/images/ramdisk/packages.ts';
import { cachedFolder } from './artifact-cache.ts';
import { runTool } from './tool.ts';

/** Enough to come to a login prompt when they are only unpacked, by BIOS or by UEFI. */
const packages = [
  ...['base-files', 'base-passwd', 'bash', 'coreutils', 'hostname', 'libacl1', 'libattr1'],
  ...['libaudit1', 'libblkid1', 'libc6', 'libcap-ng0', 'libcrypt1', 'libgcc-s1', 'libgmp10'],
  ...['libmount1', 'libpam-modules', 'libpam0g', 'libpcre2-8-0', 'libselinux1', 'libsmartcols1'],
  ...['libtinfo6', 'libuuid1', 'login', 'mount', 'ncurses-base', 'sysvinit-core', 'util-linux'],
  ...['zlib1g', 'grub-efi-amd64-signed', 'shim-signed'],
];

/** A tree of real packages in `pool/`, and `packages.txt` with their names in install order. */
export async function makeSmallDebianTree(): Promise<string> {
  const madeFrom = await runTool(['apt-cache', 'show', '--no-all-versions', ...packages]);
  return cachedFolder({
    name: 'small-debian-tree',
    madeFrom: madeFrom.split('\n').filter((line) => /^(?:Package|Version|SHA256):/.test(line)),
    make: fill,
  });
}

async function fill(folder: string): Promise<void> {
  const pool = join(folder, 'pool');
  await mkdir(pool);
  const debs = await fetchPackages(packages, { folder: pool });
  // As installers know them: without the epoch.
  for (const deb of debs) await rename(deb, join(pool, plain(basename(deb))));
  const names = await readdir(pool);
  await writeFile(join(folder, 'packages.txt'), names.map((name) => `${name}\n`).join(''));
}

function plain(name: string): string {
  return name.replace(/_\d+%3a/, '_');
}
