import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DebianMirror } from './debian-mirror.ts';
import { hashPackages } from './hash-packages.ts';
import type { RackHost } from './rack.ts';

export type DebianSystem = {
  readonly host: RackHost;
  /** Its folder. */
  readonly root: string;
};

/** Makes a minimal system as Debian's installer does. */
export async function debootstrap(
  { host, root }: DebianSystem,
  options: { readonly mirror: DebianMirror; readonly url: string; readonly timeoutMs: number },
): Promise<void> {
  const { suite, keyring } = options.mirror;
  const command = ['debootstrap', '--variant=minbase', `--keyring=${keyring}`, suite, root];
  await inOwnMounts(host, [...command, options.url], options.timeoutMs);
  await copyFile(keyring, join(root, 'etc/apt/trusted.gpg.d/rack.gpg'));
}

/** Runs a shell script inside the system, with /proc mounted. Resolves with its stdout. */
export async function runInside(
  { host, root }: DebianSystem,
  script: string,
  timeoutMs: number,
): Promise<string> {
  const outer = 'mount -t proc proc "$1/proc" && exec chroot "$1" /bin/sh -ec "$2"';
  return inOwnMounts(host, ['sh', '-ec', outer, 'sh', root, script], timeoutMs);
}

/** The packages that the system fetched, as they still lie in apt's cache: `name SHA-256`. */
export async function hashFetchedPackages({ root }: DebianSystem): Promise<string[]> {
  return hashPackages(join(root, 'var/cache/apt/archives'), '.deb');
}

/** The same of a mirror. */
export async function hashMirroredPackages(mirror: DebianMirror): Promise<string[]> {
  return hashPackages(join(mirror.folder, 'pool'), '.deb');
}

/** What is mounted in between goes when the last of these processes has ended, whatever happens. */
async function inOwnMounts(
  host: RackHost,
  command: readonly string[],
  timeoutMs: number,
): Promise<string> {
  const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C', TMPDIR: '/tmp' };
  const own = ['unshare', '--mount', '--propagation', 'private', ...command];
  return (await host.run(own, { env, timeoutMs })).stdout;
}
