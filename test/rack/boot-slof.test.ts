import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { openBootLab } from '../support/boot-lab.ts';
import { buildForthKernel } from '../support/forth-kernel.ts';
import { powerOn } from '../support/virtual-machine.ts';

const limitMs = 120_000;
const mac = '52:54:00:88:00:02';
const name = 'power-0-0';

/** IBM's pSeries with SLOF, an Open Firmware; there is nothing but the network to boot from. */
const machine = {
  program: 'qemu-system-ppc64',
  args: [
    ...['-M', 'pseries', '-m', '512', '-nodefaults', '-vga', 'none'],
    ...['-device', `virtio-net-pci,netdev=net,mac=${mac}`],
  ],
} as const;

/** Says that it runs, and its ramdisk. */
const kernel = buildForthKernel(
  'cr ." kernel: up" cr s" linux,initrd-start" get-chosen IF decode-int nip nip 2c type cr THEN',
);
const loader = buildForthKernel('cr ." loader: up" cr');
const initrds = ['first.initrd', 'agent.cpio'];

test('Open Firmware boots what its node boots, and hears nothing when that is its disk', async (t) => {
  t.timeout(6 * limitMs);
  const install = { kernel: 'power.zimage', initrds, args: 'host={node}' };
  const lab = await openBootLab(t, {
    settings: { boot: { actions: { install } } },
    files: {
      'power.zimage': kernel,
      'first.initrd': 'The first ramdisk, ',
      'agent.cpio': 'and the second.',
    },
  });
  const expectStory = (...patterns: readonly RegExp[]) => lab.waitForStory(name, patterns, limitMs);
  await lab.addNode({ name, mac, ip: '10.88.0.50', action: 'install' });
  const alone = await powerOn(lab.machine(), machine);
  await alone.waitForLine(/^kernel: up/, limitMs);
  const ramdisk = await alone.waitForLine(/ramdisk/, limitMs);
  t.regex(ramdisk, /^The first ramdisk, .*and the second\./);
  await expectStory(
    /offer +10\.88\.0\.50, \/ from 10\.88\.0\.1/,
    /ack +10\.88\.0\.50/,
    /tftp +sent, \/pxelinux\.cfg\/01-52-54-00-88-00-02/,
    /tftp +sent, power\.zimage/,
    /tftp +sent, first\.initrd,agent\.cpio/,
  );
  alone.kill();
  await alone.ended;

  await writeFile(join(lab.tftpboot, 'grub.elf'), loader);
  const withLoader = await powerOn(lab.machine(), machine);
  await withLoader.waitForLine(/^loader: up/, limitMs);
  await expectStory(/offer +10\.88\.0\.50, grub\.elf from 10\.88\.0\.1/, /sent, grub\.elf/);
  withLoader.kill();
  await withLoader.ended;

  await lab.control('node', 'boot', name, 'os');
  const toDisk = await powerOn(lab.machine(), machine);
  // It asks every four seconds, nine times, and goes to its next device.
  const silence = /ignored .*boots the disk: boot action os.*boots-from-disk/;
  await expectStory(silence, silence);
  t.false(toDisk.stdout.lines().some((line) => line.includes('Using IPv4 address')));
  toDisk.kill();
  await toDisk.ended;
});
