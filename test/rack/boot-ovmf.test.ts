import { randomBytes } from 'node:crypto';
import test from 'ava';
import { openBootLab } from '../support/boot-lab.ts';
import { powerOn, uefiMachine } from '../support/virtual-machine.ts';

const mac = '52:54:00:88:00:02';
const bootLimitMs = 300_000;

test('UEFI firmware comes through shim and GRUB to the kernel and ramdisk of its node', async (t) => {
  t.timeout(bootLimitMs);
  // GRUB does not look into it, and a real one takes long.
  const lab = await openBootLab(t, { files: { 'debian/initrd': randomBytes(2 ** 20) } });
  await lab.addNode({ name: 'compute-0-0', mac, ip: '10.88.0.50', action: 'install' });
  await powerOn(lab.machine(), { args: uefiMachine(mac) });
  const steps = [
    /offer +10\.88\.0\.50, shimx64\.efi from 10\.88\.0\.1/,
    /ack +10\.88\.0\.50/,
    /sent, shimx64\.efi/,
    /sent, grubx64\.efi/,
    /sent, \/grub\/grub\.cfg/,
    /sent, \/debian\/linux, 7\.\d MiB/,
    /sent, \/debian\/initrd, 1\.0 MiB/,
  ];
  const story = await lab.waitForStory('compute-0-0', steps, bootLimitMs);
  t.is(story.length, steps.length);
});
