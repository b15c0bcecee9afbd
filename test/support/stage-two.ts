import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { downloadDebs, listDebs } from './apt-download.ts';
import { cachedFolder } from './artifact-cache.ts';
import { runTool } from './tool.ts';

const packages = ['dnf', 'rpm', 'systemd', 'dash', 'e2fsprogs', 'curl', 'busybox-static'];
// To be changed with the way in which the image is made.
const recipe = 'unpacked, compiled, applets, zstd 3';

/** Run by the second stage, as root; what it prints is on the serial line. */
export const installerPath = 'usr/sbin/installer';

/**
 * A second stage such as anaconda's: a squashfs image with systemd, dnf, curl and BusyBox (in
 * /usr/local/bin), all Debian's, that runs one program, which is not in it. Made once.
 */
export async function buildStageTwo(): Promise<string> {
  const folder = await cachedFolder({
    name: 'stage-two',
    madeFrom: [recipe, ...(await listDebs(packages)), JSON.stringify(files)],
    make: makeStageTwo,
  });
  return join(folder, 'install.img');
}

/** An image of files that are laid over the second stage. */
export async function buildUpdates(
  folder: string,
  updates: Readonly<Record<string, string>>,
): Promise<string> {
  const root = join(folder, 'updates');
  await writeFiles(root, updates);
  await chmod(join(root, installerPath), 0o755);
  return squash(root, join(folder, 'updates.img'));
}

async function makeStageTwo(folder: string): Promise<void> {
  const root = join(folder, 'root');
  const debs = join(folder, 'debs');
  for (const deb of await downloadDebs(packages, debs)) {
    await runTool(['dpkg-deb', '--extract', deb, root], { timeoutMs: 300_000 });
  }
  const inside = (...command: readonly string[]) =>
    runTool(['chroot', root, ...command], { timeoutMs: 300_000 });
  await inside('/usr/bin/python3', '-m', 'compileall', '-q', '/usr/lib/python3/dist-packages');
  await inside('/usr/bin/python3', '-m', 'compileall', '-q', '/usr/lib/python3.11');
  await mkdir(join(root, 'usr/local/bin'), { recursive: true });
  await inside('/bin/busybox', '--install', '-s', '/usr/local/bin');
  for (const path of unused) await rm(join(root, path), { recursive: true });
  for (const name of ['dev', 'proc', 'sys', 'run', 'tmp', 'mnt']) {
    await mkdir(join(root, name), { recursive: true });
  }
  await symlink('/lib/systemd/systemd', join(root, 'sbin/init'));
  await writeFiles(root, files);
  await squash(root, join(folder, 'install.img'));
  await Promise.all([root, debs].map((each) => rm(each, { recursive: true })));
}

const unused = [
  ...['doc', 'gnupg', 'info', 'locale', 'man', 'perl', 'perl5'].map((name) => `usr/share/${name}`),
  ...['usr/lib/x86_64-linux-gnu/perl', 'usr/lib/file'],
];

const units = 'etc/systemd/system';
const files = {
  'etc/os-release': 'ID=test\n',
  'etc/machine-id': `${'0'.repeat(31)}1\n`,
  [`${units}/default.target`]: '[Unit]\nRequires=sysinit.target\nWants=installer.service\n',
  [`${units}/sysinit.target`]: '[Unit]\nDescription=Nothing but what others want\n',
  [`${units}/installer.service`]:
    `[Unit]\nAfter=sysinit.target\n[Service]\nExecStart=/${installerPath}\n` +
    'StandardOutput=tty\nStandardError=tty\nTTYPath=/dev/ttyS0\n',
};

async function writeFiles(root: string, texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function squash(root: string, image: string): Promise<string> {
  const quick = ['-comp', 'zstd', '-Xcompression-level', '3', '-quiet', '-no-progress'];
  await runTool(['mksquashfs', root, image, ...quick], { timeoutMs: 300_000 });
  return image;
}
