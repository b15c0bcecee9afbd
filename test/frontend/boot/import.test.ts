import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { BootFilesError } from '../../../src/frontend/boot/errors.ts';
import { importBoot } from '../../../src/frontend/boot/import.ts';
import { type ImageNode, makeIsoImage } from '../../support/iso-image.ts';
import { bytesOf } from '../../support/small-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { fill } from './fixture.ts';

const images = 'usr/lib/debian-installer/images';

/** What a frontend with some of the packages has. */
const packages = {
  'usr/lib/PXELINUX/pxelinux.0': 'pxelinux',
  'usr/lib/PXELINUX/lpxelinux.0': 'lpxelinux',
  'usr/lib/syslinux/modules/bios/ldlinux.c32': 'ldlinux',
  'usr/lib/syslinux/modules/efi64/ldlinux.e64': 'ldlinux 64',
  'usr/lib/shim/shimx64.efi.signed': 'shim',
  'usr/lib/grub/x86_64-efi-signed/grubnetx64.efi.signed': 'grub',
  'usr/lib/grub/powerpc-ieee1275/net.mod': 'net',
  'usr/lib/grub/powerpc-ieee1275/config.h': 'no module',
  [`${images}/12/amd64/text/debian-installer/amd64/linux`]: 'kernel 12',
  [`${images}/12/amd64/text/debian-installer/amd64/initrd.gz`]: 'initrd 12',
  [`${images}/9/amd64/text/debian-installer/amd64/linux`]: 'kernel 9',
  [`${images}/9/amd64/text/debian-installer/amd64/initrd.gz`]: 'initrd 9',
};

async function makePlace(t: ExecutionContext, contents: Readonly<Record<string, string>>) {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'source');
  const root = join(folder, 'state', 'tftpboot');
  await mkdir(source);
  await fill(source, contents);
  const read = (path: string) => readFile(join(root, path), 'utf8');
  return { folder, source, root, read };
}

test('installed packages give loaders and the newest installer, and the others are named', async (t) => {
  const { source, root, read } = await makePlace(t, packages);
  const report = await importBoot({ root, source: 'debian-netboot', system: source });
  t.is(report.kernel, 'debian/linux');
  t.is(await read(report.kernel), 'kernel 12');
  t.is(await read(report.initrd), 'initrd 12');
  t.is(await read('pxelinux.0'), 'pxelinux');
  t.is(await read('ldlinux.c32'), 'ldlinux');
  t.is(await read('grubx64.efi'), 'grub');
  t.is(await read('grub/powerpc-ieee1275/net.mod'), 'net');
  const missing = new Map(report.missing.map((each) => [each.path, each.package]));
  t.is(missing.get('syslinux.efi'), 'syslinux-efi');
  t.is(missing.get('libcom32.c32'), 'syslinux-common');
  t.is(missing.get('undionly.kpxe'), 'ipxe');
  t.false(missing.has('grub.elf'));
  const found = await readdir(root, { recursive: true });
  t.deepEqual(
    found.filter((name) => /tmp|config\.h|ldlinux\.e64/.test(name)),
    [],
  );
  t.is(report.files.find(({ path }) => path === 'debian/linux')?.sizeBytes, 9);
});

test('without the installer nothing is touched, and its package is named', async (t) => {
  const { source, root } = await makePlace(t, { 'usr/lib/PXELINUX/pxelinux.0': 'pxelinux' });
  await t.throwsAsync(importBoot({ root, source: 'debian-netboot', system: source }), {
    instanceOf: BootFilesError,
    code: 'package-missing',
    message: /apt-get install debian-installer-12-netboot-amd64/,
  });
  await t.throwsAsync(access(root));
});

test('a folder gives what it has, modules only with the loader they fit', async (t) => {
  const { source, root, read } = await makePlace(t, {
    vmlinuz: 'kernel',
    'initrd.img': 'initrd',
    'ldlinux.c32': 'of another release',
    'syslinux.efi': '-> real.efi',
    'real.efi': 'syslinux',
    'ldlinux.e64': 'fits',
  });
  const report = await importBoot({ root, source, name: 'rescue-1.0' });
  t.deepEqual(report.missing, []);
  t.is(await read('rescue-1.0/linux'), 'kernel');
  t.is(await read('rescue-1.0/initrd'), 'initrd');
  t.is(await read('syslinux.efi'), 'syslinux');
  t.deepEqual((await readdir(root)).toSorted(), ['ldlinux.e64', 'rescue-1.0', 'syslinux.efi']);
});

const kernel = bytesOf('kernel', 150_000).toString('hex');

const redHat: readonly ImageNode[] = [
  {
    name: 'images',
    children: [
      {
        name: 'pxeboot',
        children: [
          { name: 'vmlinuz', content: kernel },
          { name: 'initrd.img', content: 'initrd' },
        ],
      },
    ],
  },
  {
    name: 'EFI',
    children: [
      {
        name: 'BOOT',
        children: [
          { name: 'BOOTX64.EFI', content: 'shim' },
          { name: 'grubx64.efi', content: 'grub' },
        ],
      },
    ],
  },
];

for (const names of ['rock-ridge', 'joliet', 'plain'] as const) {
  test(`an image with ${names} names gives kernel, ramdisk and signed loaders`, async (t) => {
    const { source, root, read } = await makePlace(t, {});
    const image = join(source, 'disc.iso');
    await writeFile(image, makeIsoImage(redHat, names));
    const report = await importBoot({ root, source: image, name: 'rocky' });
    t.is(await read('rocky/linux'), kernel);
    t.is(await read('rocky/initrd'), 'initrd');
    t.is(await read('rocky/shimx64.efi'), 'shim');
    t.is(await read('rocky/grubx64.efi'), 'grub');
    t.is(report.files.length, 4);
  });
}

test('importing again replaces; a source that ends too early leaves all as it was', async (t) => {
  const { source, root, read } = await makePlace(t, { vmlinuz: 'old', 'initrd.img': 'old' });
  await importBoot({ root, source });
  const image = join(source, 'cut.iso');
  const bytes = makeIsoImage(redHat, 'rock-ridge');
  await writeFile(image, bytes.subarray(0, bytes.length - 100_000));
  await t.throwsAsync(importBoot({ root, source: image }), { instanceOf: BootFilesError });
  t.is(await read('debian/linux'), 'old');
  await writeFile(join(source, 'vmlinuz'), 'new');
  await importBoot({ root, source });
  t.is(await read('debian/linux'), 'new');
  t.deepEqual((await readdir(join(root, 'debian'))).toSorted(), ['initrd', 'linux']);
});

test('what is not there, is no medium, or has nothing to boot, is told with its path', async (t) => {
  const { source, root } = await makePlace(t, { text: 'x'.repeat(70_000) });
  await t.throwsAsync(importBoot({ root, source: join(source, 'gone') }), {
    code: 'bad-boot-source',
    message: /gone/,
  });
  await t.throwsAsync(importBoot({ root, source: join(source, 'text') }), {
    code: 'bad-boot-source',
  });
  await t.throwsAsync(importBoot({ root, source }), {
    code: 'nothing-to-boot',
    message: /images\/pxeboot\/vmlinuz with images\/pxeboot\/initrd\.img/,
  });
  for (const name of ['hosts', '../x', '', 'A', '.x']) {
    await t.throwsAsync(importBoot({ root, source, name }), { code: 'bad-name' }, name);
  }
});
