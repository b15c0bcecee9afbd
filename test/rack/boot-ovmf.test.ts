import { randomBytes } from 'node:crypto';
import { appendFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { importBoot } from '../../src/frontend/boot/import.ts';
import { createRack, type RackHost } from '../support/rack.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = [
  { name: 'frontend', ip: '10.88.0.1' },
  { name: 'machine', ip: '10.88.0.2' },
];
const scree = resolve('scree');
const mac = '52:54:00:88:00:02';
const bootLimitMs = 300_000;

/** A virtual machine with UEFI and nothing but the network to boot from, on the host's wire. */
async function powerOn(machine: RackHost): Promise<void> {
  const wire = [
    'ip addr flush dev eth0',
    'ip link add br0 type bridge',
    'ip tuntap add tap0 mode tap',
    'ip link set eth0 master br0',
    'ip link set tap0 master br0 up',
    'ip link set br0 up',
  ];
  await machine.run(['sh', '-ec', wire.join('\n')]);
  const network = ['-netdev', 'tap,id=net,ifname=tap0,script=no,downscript=no'];
  machine.start([
    ...['qemu-system-x86_64', '-accel', 'tcg,tb-size=256', '-cpu', 'max', '-m', '1024'],
    ...['-display', 'none', '-monitor', 'none', '-serial', 'none'],
    ...['-bios', '/usr/share/ovmf/OVMF.fd', ...network],
    // Without a ROM of its own the card is booted by the firmware itself.
    ...['-device', `virtio-net-pci,netdev=net,mac=${mac},romfile=`],
  ]);
}

test('UEFI firmware comes through shim and GRUB to the kernel and ramdisk of its node', async (t) => {
  t.timeout(bootLimitMs);
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const frontend = rack.host('frontend');
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  await appendFile(config, 'dhcp: { mode: server, interface: eth0 }\n');
  await appendFile(config, 'tftp: { listen: "10.88.0.1:69" }\n');
  const general = join(folder, 'state/tftpboot');
  await importBoot({ root: general, source: 'debian-netboot' });
  // GRUB does not look into it, and a real one takes long.
  await writeFile(join(general, 'debian/initrd'), randomBytes(2 ** 20));
  const control = (...args: readonly string[]) =>
    frontend.run([scree, ...args, '-c', config]).then(({ stdout }) => stdout);
  await control('node', 'add', 'compute-0-0', '--mac', mac, '--ip', '10.88.0.50');
  await control('node', 'boot', 'compute-0-0', 'install');
  await startFrontend(frontend, config);
  await powerOn(rack.host('machine'));
  let story = '';
  for (let turn = 0; turn < 240 && !/sent, \/debian\/initrd/.test(story); turn += 1) {
    await sleep(1000);
    story = await control('node', 'events', 'compute-0-0');
  }
  const steps = [
    /offer +10\.88\.0\.50, shimx64\.efi from 10\.88\.0\.1/,
    /ack +10\.88\.0\.50/,
    /sent, shimx64\.efi/,
    /sent, grubx64\.efi/,
    /sent, \/grub\/grub\.cfg/,
    /sent, \/debian\/linux, 7\.\d MiB/,
    /sent, \/debian\/initrd, 1\.0 MiB/,
  ];
  const places = steps.map((step) => story.search(step));
  t.false(places.includes(-1), story);
  t.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
});
