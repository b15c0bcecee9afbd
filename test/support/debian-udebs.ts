import { cp, glob, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchPackages } from '../../src/frontend/images/ramdisk/packages.ts';
import { runTool } from './tool.ts';

/** Of each the control files, and what is in it beside parts of Debian's packages. */
const standIns = fileURLToPath(new URL('debian-udebs', import.meta.url));

/** What they have of Debian's packages for a running system: below `to`, as it is or without folders. */
const parts: readonly {
  readonly packages: readonly string[];
  readonly paths: readonly string[];
  readonly to: string;
  readonly flat?: boolean;
}[] = [
  {
    packages: ['debootstrap'],
    paths: ['usr/sbin/debootstrap', 'usr/share/debootstrap'],
    to: 'debootstrap-udeb',
  },
  {
    packages: ['user-setup'],
    paths: ['usr/lib/user-setup', 'DEBIAN/templates'],
    to: 'user-setup-udeb',
  },
  {
    packages: [
      ...['e2fsprogs', 'fdisk', 'libblkid1', 'libcom-err2', 'libext2fs2', 'libfdisk1'],
      ...['libreadline8', 'libsmartcols1', 'libtinfo6', 'libuuid1'],
    ],
    paths: ['sbin/mke2fs', 'sbin/sfdisk', '{,usr/}lib/x86_64-linux-gnu/lib*.so*'],
    to: 'partman-base/usr/lib/partman-base',
    flat: true,
  },
];

const allPackages = parts.flatMap(({ packages }) => packages);

/** What the stand-ins are made from. */
export async function listStandInSources(): Promise<readonly string[]> {
  const entries = await readdir(standIns, { recursive: true, withFileTypes: true });
  const files = entries.flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
  const texts = await Promise.all(files.sort().map((file) => readFile(file, 'utf8')));
  const shown = await runTool(['apt-cache', 'show', '--no-all-versions', ...allPackages]);
  return [...texts, ...shown.split('\n').filter((line) => line.startsWith('SHA256:'))];
}

/**
 * Udebs in place of those of the installer's parts that cannot be had: `NAME.udeb` in the folder.
 * They do the least that those do with the same answers.
 */
export async function buildStandIns(folder: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'scree-udebs-'));
  try {
    const udebs = join(scratch, 'udebs');
    await cp(standIns, udebs, { recursive: true });
    const debs = await fetchPackages(allPackages, { folder: join(scratch, 'packages') });
    for (const { packages, paths, to, flat = false } of parts) {
      for (const name of packages) {
        const deb = debs.find((each) => basename(each).startsWith(`${name}_`)) ?? '';
        const root = join(scratch, name);
        await runTool(['dpkg-deb', '--raw-extract', deb, root]);
        for await (const path of glob(paths, { cwd: root })) {
          const target = join(udebs, to, flat ? basename(path) : path);
          await cp(join(root, path), target, { recursive: true, verbatimSymlinks: true });
        }
      }
    }
    for (const name of await readdir(standIns)) {
      const options = ['--root-owner-group', '-Zgzip', '--build'];
      await runTool(['dpkg-deb', ...options, join(udebs, name), join(folder, `${name}.udeb`)]);
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
