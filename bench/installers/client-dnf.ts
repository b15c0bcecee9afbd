import { join } from 'node:path';
import { installByDnf, verifyRpms } from '../../test/support/dnf.ts';
import { hashPackages } from '../../test/support/hash-packages.ts';
import { makeRpmRepository } from '../../test/support/rpm-repository.ts';
import { topPackage } from '../../test/support/rpm-spec.ts';
import type { Client, Place } from './client.ts';
import { expectSame, sizeOfFiles } from './packages.ts';

/** Every package of an RPM repository, by `dnf --installroot`. */
export const dnf: Client = {
  ...shared({ isDownloadOnly: false }),
  name: 'dnf',
  verify: async ({ root }) => expectSame('rpm -Va', await verifyRpms(root), ''),
};

/** The same packages, fetched and not installed. */
export const dnfDownload: Client = {
  ...shared({ isDownloadOnly: true }),
  name: 'dnf-download',
  verify: async ({ root }) => {
    const { folder } = await makeRpmRepository();
    const fetched = await hashPackages(join(root, 'var/cache/dnf'), '.rpm');
    expectSame('packages', fetched, await hashPackages(folder, '.rpm'));
  },
};

function shared({ isDownloadOnly }: { readonly isDownloadOnly: boolean }) {
  return {
    needs: [
      { file: '/usr/bin/dnf', debianPackage: 'dnf' },
      { file: '/usr/bin/rpmbuild', debianPackage: 'rpm' },
      { file: '/usr/bin/createrepo_c', debianPackage: 'createrepo-c' },
    ],
    tree: async () => {
      const { folder, rpms } = await makeRpmRepository();
      return { name: 'packages', folder, packagesBytes: await sizeOfFiles(rpms) };
    },
    run: ({ host, root }: Place, url: string, timeoutMs: number) =>
      installByDnf(host, {
        ...{ root, timeoutMs, isDownloadOnly },
        repositoryUrl: `${url}/`,
        packages: [topPackage],
      }),
  };
}
