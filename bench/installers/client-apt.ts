import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadFromMirror } from '../../test/support/apt-from-mirror.ts';
import { furtherPackages, makeDebianMirror } from '../../test/support/debian-mirror.ts';
import {
  debootstrap as bootstrap,
  hashFetchedPackages,
  hashMirroredPackages,
  runInside,
} from '../../test/support/debian-system.ts';
import type { Client, Place } from './client.ts';
import { expectSame, sizeOfFiles } from './packages.ts';

const shared = {
  needs: [
    { file: '/usr/sbin/debootstrap', debianPackage: 'debootstrap' },
    { file: '/usr/bin/apt-ftparchive', debianPackage: 'apt-utils' },
  ],
  tree: async () => {
    const { folder } = await makeDebianMirror();
    const paths = await readdir(join(folder, 'pool'), { recursive: true });
    const debs = paths.filter((path) => path.endsWith('.deb'));
    const packagesBytes = await sizeOfFiles(debs.map((path) => join(folder, 'pool', path)));
    return { name: 'debian', folder, packagesBytes };
  },
  verify: async (place: Place) => {
    const expected = await hashMirroredPackages(await makeDebianMirror());
    expectSame('packages', await hashFetchedPackages(place), expected);
  },
};

/** A minimal Debian by debootstrap, and in it further packages by `apt-get install`. */
export const debootstrap: Client = {
  ...shared,
  name: 'debootstrap',
  run: async (place, url, timeoutMs) => {
    await bootstrap(place, { mirror: await makeDebianMirror(), url, timeoutMs });
    const install = `apt-get -q -y --no-install-recommends install ${furtherPackages.join(' ')}`;
    await runInside(place, `apt-get -q update\n${install} </dev/null`, timeoutMs);
  },
};

/** The same packages by `apt-get update` and `apt-get install --download-only`. */
export const aptDownload: Client = {
  ...shared,
  name: 'apt-download',
  run: async (place, url, timeoutMs) =>
    downloadFromMirror(place, { mirror: await makeDebianMirror(), url, timeoutMs }),
};
