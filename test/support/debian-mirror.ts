import { createHash } from 'node:crypto';
import { link, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { downloadDebs, listDebs } from './apt-download.ts';
import { cachedFolder } from './artifact-cache.ts';
import { signRelease } from './sign-release.ts';
import { runTool } from './tool.ts';

export type DebianMirror = {
  /** Holds `dists/` and `pool/`. */
  readonly folder: string;
  readonly suite: string;
  /** The public key that its Release is signed with. */
  readonly keyring: string;
};

// To be changed with the way in which the mirror is made, so that a kept one is not used.
const recipe = 'pool, by-hash, Release of each architecture, ed25519';

const labels = { Origin: 'Debian', Label: 'Debian' };

/** What an installer adds to a minimal system. */
export const furtherPackages = ['curl', 'less', 'python3'];

/**
 * A signed Debian mirror of a minimal system and some packages, out of this machine's sources; each
 * choice of packages is kept under a name of its own.
 */
export async function makeDebianMirror(
  name = 'debian-mirror',
  further: readonly string[] = furtherPackages,
  /** What cannot be installed beside those. */
  apart: readonly string[] = [],
): Promise<DebianMirror> {
  const architecture = (await runTool(['dpkg', '--print-architecture'])).trim();
  const suite = await readCodename();
  const groups = [[...listMinimalSystem(architecture), ...further], apart];
  const wanted = groups.filter((group) => group.length > 0);
  const folder = await cachedFolder({
    name,
    madeFrom: [recipe, suite, ...(await Promise.all(wanted.map(listDebs))).flat()],
    make: (empty) => buildInto(empty, wanted, { suite, architecture }),
  });
  return { folder: join(folder, 'mirror'), suite, keyring: join(folder, 'keyring.gpg') };
}

type Release = { readonly suite: string; readonly architecture: string };

/** The machine's own release, which its packages are of. */
async function readCodename(): Promise<string> {
  const release = await readFile('/etc/os-release', 'utf8');
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1];
  if (codename !== undefined) return codename;
  throw new Error('expected VERSION_CODENAME in /etc/os-release, as Debian writes it, got none');
}

/** What debootstrap's variant minbase takes, see its scripts/debian-common. */
function listMinimalSystem(architecture: string): string[] {
  return [`?and(?priority(required),?architecture(${architecture}))`, 'apt', 'usr-is-merged'];
}

async function buildInto(
  folder: string,
  groups: readonly (readonly string[])[],
  { suite, architecture }: Release,
): Promise<void> {
  const mirror = join(folder, 'mirror');
  for (const packages of groups) await fillPool(mirror, packages);
  const dist = join(mirror, 'dists', suite);
  const packagesFolder = join(dist, `main/binary-${architecture}`);
  const listed = ['env', '-C', mirror, 'apt-ftparchive', 'packages', 'pool'];
  await writeIndex(packagesFolder, await runTool(listed, { timeoutMs: 60_000 }));
  // Debian's installer takes no mirror without it.
  const fields = { Archive: suite, ...labels, Component: 'main', Architecture: architecture };
  await writeFile(join(packagesFolder, 'Release'), renderFields(fields));
  await writeRelease(folder, { suite, architecture });
}

/** Says in a folder with a `mirror` what there is of its release, signed with a new key. */
export async function writeRelease(folder: string, release: Release): Promise<void> {
  const dist = join(folder, 'mirror/dists', release.suite);
  await writeFile(join(dist, 'Release'), await renderRelease(dist, release));
  await signRelease(dist, join(folder, 'keyring.gpg'));
}

async function fillPool(mirror: string, packages: readonly string[]): Promise<void> {
  const downloads = await mkdtemp(join(dirname(mirror), 'download-'));
  try {
    for (const deb of await downloadDebs(packages, downloads)) {
      const target = join(mirror, await poolPath(deb));
      await mkdir(dirname(target), { recursive: true });
      await rename(deb, target);
    }
  } finally {
    await rm(downloads, { recursive: true, force: true });
  }
}

/** As in Debian: the source's name, lib + one letter for libraries, no epoch in the file's name. */
async function poolPath(deb: string): Promise<string> {
  const showSource = '--showformat=$' + '{source:Package}';
  const source = (await runTool(['dpkg-deb', '--show', showSource, deb])).trim();
  const letter = /^lib./.exec(source)?.[0] ?? source.slice(0, 1);
  return `pool/main/${letter}/${source}/${basename(deb).replace(/_\d+%3a/, '_')}`;
}

/** Packages, Packages.gz and Packages.xz, each under its hashes too (Acquire-By-Hash). */
export async function writeIndex(folder: string, text: string): Promise<void> {
  const plain = join(folder, 'Packages');
  await mkdir(folder, { recursive: true });
  await writeFile(plain, text);
  await writeFile(`${plain}.gz`, await promisify(gzip)(text));
  await runTool(['xz', '--keep', plain]);
  for (const file of [plain, `${plain}.gz`, `${plain}.xz`]) await linkByHash(file);
}

async function linkByHash(file: string): Promise<void> {
  for (const algorithm of ['sha256', 'sha512']) {
    const folder = join(dirname(file), 'by-hash', algorithm.toUpperCase());
    await mkdir(folder, { recursive: true });
    await link(
      file,
      join(
        folder,
        createHash(algorithm)
          .update(await readFile(file))
          .digest('hex'),
      ),
    );
  }
}

async function renderRelease(dist: string, { suite, architecture }: Release): Promise<string> {
  const fields = {
    ...labels,
    Suite: suite,
    Codename: suite,
    Architectures: architecture,
    Components: 'main',
    'Acquire-By-Hash': 'yes',
  };
  const options = Object.entries(fields).flatMap(([name, value]) => [
    '-o',
    `APT::FTPArchive::Release::${name}=${value}`,
  ]);
  return runTool(['apt-ftparchive', ...options, 'release', dist]);
}

function renderFields(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}
