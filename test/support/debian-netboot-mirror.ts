import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeCpio } from '../../src/frontend/images/cpio.ts';
import { cachedFolder } from './artifact-cache.ts';
import { type DebianMirror, makeDebianMirror, writeIndex, writeRelease } from './debian-mirror.ts';
import { buildStandIns, listStandInSources } from './debian-udebs.ts';
import { fetchUdebs } from './fetch-udebs.ts';
import { runTool } from './tool.ts';

// To be changed with the way in which the mirror is made, so that a kept one is not used.
const recipe = 'udebs beside the packages';

/** Where `scree boot import debian-netboot` takes the installer from. */
const installer = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64';

/** A whole base system, and what the installer and the shipped profile add to it. */
const packages = [
  ...['?and(?priority(important),?architecture(amd64))', 'busybox', 'grub-pc', 'initramfs-tools'],
  ...['linux-image-cloud-amd64', 'openssh-server', 'systemd-sysv', 'zstd'],
];

/** Of the installer's parts those that it takes besides its ramdisk and that can be had. */
const udebs = ['base-installer', 'bootstrap-base', 'pkgsel'];
const kernelUdebs = ['ext4-modules', 'scsi-modules'];

/**
 * A signed Debian mirror that Debian's netboot installer can install a whole system from, with its
 * own udebs and stand-ins for those that cannot be had.
 */
export async function makeNetbootMirror(): Promise<DebianMirror> {
  const base = await makeDebianMirror('debian-for-netboot', packages);
  const { suite } = base;
  const version = await readKernelVersion();
  const names = [...udebs, ...kernelUdebs.map((name) => `${name}-${version}-di`)];
  const folder = await cachedFolder({
    name: 'debian-netboot-mirror',
    madeFrom: [recipe, basename(dirname(base.folder)), ...names, ...(await listStandInSources())],
    make: async (empty) => {
      const mirror = join(empty, 'mirror');
      await runTool(['cp', '-al', base.folder, mirror]);
      const dist = join(mirror, 'dists', suite);
      for (const name of ['Release', 'Release.gpg', 'InRelease']) await rm(join(dist, name));
      const pool = join(mirror, 'pool/udebs');
      await mkdir(pool);
      await fetchUdebs(names, pool);
      await buildStandIns(pool);
      const listed = ['env', '-C', mirror, 'dpkg-scanpackages', '--type', 'udeb', 'pool/udebs'];
      const text = await runTool(listed, { timeoutMs: 60_000 });
      await writeIndex(join(dist, 'main/debian-installer/binary-amd64'), text);
      await writeRelease(empty, { suite, architecture: 'amd64' });
    },
  });
  return { folder: join(folder, 'mirror'), suite, keyring: join(folder, 'keyring.gpg') };
}

/** Debian's ramdisk, which knows the mirror's key for Debian's own. */
export async function makeNetbootRamdisk({ keyring }: DebianMirror): Promise<Buffer> {
  const path = 'usr/share/keyrings/debian-archive-keyring.gpg';
  const bytes = await readFile(keyring);
  const added = writeCpio([{ kind: 'file', path, mode: 0o644, bytes }]);
  return Buffer.concat([await readFile(join(installer, 'initrd.gz')), added]);
}

/** Such as `6.1.0-50-amd64`: modules of another one are of no use. */
async function readKernelVersion(): Promise<string> {
  const kernel = await readFile(join(installer, 'linux'));
  const version = /\d+\.\d+\.\d+-\d+-amd64/.exec(
    kernel.subarray(0, 0x10000).toString('latin1'),
  )?.[0];
  if (version !== undefined) return version;
  throw new Error(`expected a kernel with its version in '${installer}', found none`);
}
