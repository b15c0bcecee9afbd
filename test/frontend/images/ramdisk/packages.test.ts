import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { RamdiskError } from '../../../../src/frontend/images/ramdisk/errors.ts';
import {
  fetchPackages,
  findKernelPackage,
} from '../../../../src/frontend/images/ramdisk/packages.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

// Names that no archive has, so that apt cannot tell of them whatever this machine is.
const names = ['no-such-package-one', 'no-such-package-two'];

test('packages that apt cannot tell of are taken from where they are kept, the latest of each', async (t) => {
  const folder = await temporaryFolder(t);
  for (const file of [
    'one_1.0_amd64.deb',
    'one_1.2_amd64.deb',
    'two_1_all.deb',
    'one-more_9_all.deb',
  ]) {
    await writeFile(join(folder, `no-such-package-${file}`), '');
  }
  t.deepEqual(await fetchPackages(names, { folder }), [
    join(folder, 'no-such-package-one_1.2_amd64.deb'),
    join(folder, 'no-such-package-two_1_all.deb'),
  ]);
});

test('without a word of apt the kernel is the one that is kept', async (t) => {
  const folder = await temporaryFolder(t);
  const name = 'no-such-kernel';
  t.is(await findKernelPackage(name, { folder }), name);
  for (const release of ['6.1.0-50', '6.1.0-56']) {
    await writeFile(join(folder, `linux-image-${release}-amd64_6.1_amd64.deb`), '');
  }
  t.is(await findKernelPackage(name, { folder }), 'linux-image-6.1.0-56-amd64');
});

test('a package that can be had nowhere is named, with what to do', async (t) => {
  const folder = await temporaryFolder(t);
  const error = await t.throwsAsync(fetchPackages(names, { folder }), {
    instanceOf: RamdiskError,
    code: 'no-packages',
  });
  t.regex(error?.message ?? '', /expected apt-get to fetch Debian's packages into/);
  t.true(error?.message.includes(folder));
});
