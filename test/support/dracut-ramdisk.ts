import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { cachedFolder } from './artifact-cache.ts';
import { runTool } from './tool.ts';

/** A kernel with a ramdisk that dracut has made, as Fedora's family has it: with systemd. */
export type DracutFiles = { readonly kernel: Buffer; readonly initrd: Buffer };

/**
 * Like anaconda's ramdisk it fetches its second stage from the network, here
 * `http://127.0.0.1/install/base/install.img`, as soon as an interface is up, and goes on in that.
 * The kernel and its modules are of a Debian package, all else of this machine. Made once.
 */
export async function buildDracut(kernelPackage: string): Promise<DracutFiles> {
  const folder = await cachedFolder({
    name: 'dracut-ramdisk',
    madeFrom: [basename(kernelPackage), JSON.stringify(hooks)],
    make: (empty) => makeDracut(empty, kernelPackage),
  });
  const read = (name: string) => readFile(join(folder, name));
  return { kernel: await read('linux'), initrd: await read('initrd') };
}

async function makeDracut(folder: string, kernelPackage: string): Promise<void> {
  const unpacked = join(folder, 'kernel');
  await runTool(['dpkg-deb', '--extract', kernelPackage, unpacked], { timeoutMs: 60_000 });
  const modules = join(unpacked, 'lib/modules');
  const [release = ''] = await readdir(modules);
  await runTool(['depmod', '--basedir', unpacked, release]);
  const initrd = join(folder, 'initrd');
  const parts = ['base', 'dash', 'systemd', 'systemd-initrd', 'dracut-systemd', 'udev-rules'];
  const network = ['network', 'network-legacy', 'url-lib', 'kernel-modules'];
  const drivers = ['virtio_pci', 'virtio_net', 'loop', 'ext4'];
  await runTool(
    [
      ...['dracut', '--force', '--quiet', '--no-hostonly', '--no-early-microcode', '--gzip'],
      ...['--tmpdir', folder, '--kver', release, '--kmoddir', join(modules, release)],
      ...['--modules', [...parts, ...network].join(' '), '--drivers', drivers.join(' ')],
      ...['--include', await writeHooks(join(folder, 'hooks')), '/lib/dracut/hooks', initrd],
    ],
    { timeoutMs: 300_000 },
  );
  await rename(join(unpacked, 'boot', `vmlinuz-${release}`), join(folder, 'linux'));
  await rm(unpacked, { recursive: true });
}

const hooks = {
  // dracut waits for a root that somebody has taken charge of.
  'cmdline/20-stage2.sh': 'root=stage2 rootok=1',
  'initqueue/online/80-stage2.sh':
    'curl -fsS -o /run/install.img http://127.0.0.1/install/base/install.img && : >/tmp/stage2',
  'initqueue/finished/stage2.sh': '[ -e /tmp/stage2 ]',
  'mount/80-stage2.sh': 'mount -o loop,ro /run/install.img "$NEWROOT"',
} as const;

async function writeHooks(folder: string): Promise<string> {
  for (const [path, line] of Object.entries(hooks)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), `#!/bin/sh\n${line}\n`);
    await chmod(join(folder, path), 0o755);
  }
  return folder;
}

/**
 * The second stage: systemd and busybox on an ext4 image, with one unit that runs a script. What it
 * prints is on the serial line; then the machine is switched off.
 */
export async function buildStageTwo(folder: string, script: string): Promise<string> {
  const root = join(folder, 'stage2');
  const systemd = '/lib/systemd/systemd';
  for (const program of [systemd, '/bin/busybox']) await copyWithLibraries(program, root);
  for (const name of ['dev', 'proc', 'sys', 'run', 'tmp', 'var', 'etc', 'sbin']) {
    await mkdir(join(root, name), { recursive: true });
  }
  await symlink(systemd, join(root, 'sbin/init'));
  for (const name of ['sh', 'sleep', 'wget', 'sha256sum', 'grep', 'sed', 'mkdir', 'mount', 'ln']) {
    await symlink('busybox', join(root, 'bin', name));
  }
  const files = {
    'etc/os-release': 'ID=test\n',
    'etc/machine-id': `${'0'.repeat(31)}1\n`,
    'etc/script': `PATH=/bin\n${script}\n`,
    ...units,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const image = join(folder, 'install.img');
  await runTool(['mke2fs', '-q', '-t', 'ext4', '-d', root, image, '64M'], { timeoutMs: 60_000 });
  return image;
}

const unitFolder = 'usr/lib/systemd/system';
const units = {
  [`${unitFolder}/default.target`]: '[Unit]\nRequires=sysinit.target\nWants=script.service\n',
  [`${unitFolder}/sysinit.target`]: '[Unit]\nDescription=Nothing but what others want\n',
  [`${unitFolder}/script.service`]:
    '[Unit]\nAfter=sysinit.target\n[Service]\nExecStart=/bin/sh /etc/script\n' +
    'StandardOutput=tty\nStandardError=tty\nTTYPath=/dev/ttyS0\n',
};

async function copyWithLibraries(program: string, root: string): Promise<void> {
  const libraries = (await runTool(['ldd', program])).match(/\/\S+/g) ?? [];
  for (const path of new Set([program, ...libraries])) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await copyFile(path, join(root, path));
  }
  await chmod(join(root, program), 0o755);
}
