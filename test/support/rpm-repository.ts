import { createCipheriv, createHash } from 'node:crypto';
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { downloadDebs } from './apt-download.ts';
import { cachedFolder } from './artifact-cache.ts';
import { planPackages, type RpmFile, type RpmPackage, renderSpec } from './rpm-spec.ts';
import { runTool } from './tool.ts';

export type RpmRepository = {
  /** Holds `repodata/` and `packages/`. */
  readonly folder: string;
  /** Absolute paths of its packages. */
  readonly rpms: readonly string[];
};

// To be changed with the way in which packages are built, so that kept ones are not used.
const recipe = 'uncompressed payload, createrepo_c';

/** An RPM repository as createrepo_c indexes it, made by rpmbuild from what planPackages says. */
export async function makeRpmRepository(): Promise<RpmRepository> {
  const packages = planPackages();
  const spec = renderSpec(packages);
  const folder = await cachedFolder({
    name: 'rpm-repository',
    madeFrom: [recipe, spec, JSON.stringify(packages)],
    make: (empty) => buildInto(empty, packages, spec),
  });
  const names = await readdir(join(folder, 'packages'));
  return { folder, rpms: names.map((name) => join(folder, 'packages', name)) };
}

async function buildInto(folder: string, packages: readonly RpmPackage[], spec: string) {
  const top = await mkdtemp(join(tmpdir(), 'scree-rpmbuild-'));
  try {
    for (const file of packages.flatMap((each) => each.files)) {
      await writeIncompressible(join(top, 'SOURCES'), file);
    }
    await addShell(join(top, 'SOURCES'));
    await writeFile(join(top, 'rack.spec'), spec);
    await runTool(
      [
        'rpmbuild',
        '-bb',
        '--quiet',
        '-D',
        `_topdir ${top}`,
        '-D',
        '_binary_payload w.ufdio',
      ].concat(join(top, 'rack.spec')),
      { timeoutMs: 120_000 },
    );
    await collect(join(top, 'RPMS'), join(folder, 'packages'));
    await runTool(['createrepo_c', '--quiet', folder], { timeoutMs: 60_000 });
  } finally {
    await rm(top, { recursive: true, force: true });
  }
}

/** The same bytes for the same path, each time. */
async function writeIncompressible(root: string, { path, sizeBytes }: RpmFile): Promise<void> {
  const key = createHash('sha256').update(path).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const target = join(root, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, cipher.update(Buffer.alloc(sizeBytes)));
}

/** A static shell, out of its Debian package. */
async function addShell(root: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'scree-busybox-'));
  try {
    const [deb = ''] = await downloadDebs(['busybox-static'], scratch);
    await runTool(['dpkg-deb', '-x', deb, join(scratch, 'out')]);
    await mkdir(join(root, 'bin'), { recursive: true });
    await copyFile(join(scratch, 'out/bin/busybox'), join(root, 'bin/busybox'));
    await symlink('busybox', join(root, 'bin/sh'));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** rpmbuild sorts its output into a folder for each architecture. */
async function collect(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { recursive: true })) {
    if (entry.endsWith('.rpm'))
      await rename(join(from, entry), join(to, entry.replace(/^.*\//, '')));
  }
}
