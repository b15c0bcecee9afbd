import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { CpioEntry } from '../../src/frontend/images/types.ts';
import { cachedFolder } from './artifact-cache.ts';
import { runTool } from './tool.ts';

/** A kernel with a ramdisk that dracut has made, as Fedora's family has it: with systemd. */
export type DracutFiles = { readonly kernel: Buffer; readonly initrd: Buffer };

/** The kernel and its modules are of a Debian package, all else of this machine. Made once. */
export async function buildDracut(kernelPackage: string): Promise<DracutFiles> {
  const folder = await cachedFolder({
    name: 'dracut-ramdisk',
    madeFrom: [basename(kernelPackage), parts, drivers],
    make: (empty) => makeDracut(empty, kernelPackage),
  });
  const read = (name: string) => readFile(join(folder, name));
  return { kernel: await read('linux'), initrd: await read('initrd') };
}

async function makeDracut(folder: string, kernelPackage: string): Promise<void> {
  const unpacked = join(folder, 'kernel');
  await runTool(['dpkg-deb', '--extract', kernelPackage, unpacked], { timeoutMs: 300_000 });
  const modules = join(unpacked, 'lib/modules');
  const [release = ''] = await readdir(modules);
  await runTool(['depmod', '--basedir', unpacked, release], { timeoutMs: 120_000 });
  const initrd = join(folder, 'initrd');
  await runTool(
    [
      ...['dracut', '--force', '--quiet', '--no-hostonly', '--no-early-microcode', '--gzip'],
      ...['--tmpdir', folder, '--kver', release, '--kmoddir', join(modules, release)],
      ...['--modules', parts, '--drivers', drivers],
      initrd,
    ],
    { timeoutMs: 1_200_000 },
  );
  await rename(join(unpacked, 'boot', `vmlinuz-${release}`), join(folder, 'linux'));
  await rm(unpacked, { recursive: true });
}

const parts =
  'base dash systemd systemd-initrd dracut-systemd udev-rules network network-legacy url-lib kernel-modules';
const drivers = 'virtio_pci virtio_net virtio_blk loop squashfs overlay ext4';

/**
 * What goes behind it: like anaconda's ramdisk it fetches the image that `.treeinfo` below
 * `inst.stage2=` names, and `images/updates.img`, by dracut's url-lib, as soon as an interface is up;
 * the one is mounted below a writable layer, the other laid over it, and the machine goes on in that.
 * On the serial line it says what the agent had done by then, and, when dracut gives up, why.
 */
export function planStageTwoHooks(): readonly CpioEntry[] {
  return Object.entries(hooks).map(([path, lines]) => ({
    kind: 'file',
    path: `lib/dracut/hooks/${path}`,
    mode: 0o755,
    bytes: Buffer.from(`#!/bin/sh\n${lines}\n`),
  }));
}

const hooks = {
  // dracut waits for a root that somebody has taken charge of.
  'cmdline/20-stage2.sh': 'root=stage2 rootok=1',
  'initqueue/online/80-stage2.sh': `
[ -e /tmp/stage2 ] && return 0
. /lib/url-lib.sh
_repo=$(getarg inst.stage2=)
_treeinfo=$(fetch_url "$_repo/.treeinfo") &&
  _image=$(fetch_url "$_repo/$(sed -n 's/^mainimage = //p' "$_treeinfo")") &&
  _updates=$(fetch_url "$_repo/images/updates.img") &&
  mkdir /tmp/updates && mount -o loop,ro "$_updates" /tmp/updates && echo "$_image" >/tmp/stage2
`,
  'initqueue/finished/stage2.sh': '[ -e /tmp/stage2 ]',
  'mount/80-stage2.sh': `
read -r _image </tmp/stage2
mkdir -p /run/image /run/changes /run/work
mount -o loop,ro "$_image" /run/image
mount -t overlay stage2 -o lowerdir=/run/image,upperdir=/run/changes,workdir=/run/work "$NEWROOT"
cp -a /tmp/updates/. "$NEWROOT"
umount /tmp/updates
# There are no modules in the second stage.
modprobe ext4
echo "stage1: $(/run/scree/say status)" >/dev/ttyS0
`,
  'emergency/50-tell.sh': `{
  cat /var/log/scree-agent.log* /run/scree/refused
  ip addr
  journalctl --no-pager --boot --unit dracut-initqueue
} >/dev/ttyS0 2>&1`,
} as const;
