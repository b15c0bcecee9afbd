import test, { type ExecutionContext } from 'ava';
import { makeUefiDisk } from '../support/boot-disk.ts';
import { openBootLab } from '../support/boot-lab.ts';
import { buildOverlay, buildRamdisk } from '../support/tiny-ramdisk.ts';
import { powerOn, uefiMachine } from '../support/virtual-machine.ts';

const limitMs = 180_000;
const mac = '52:54:00:88:00:02';
const name = 'compute-0-0';
const overlaySays = /^ramdisk: \/agent\.overlay says it came along/;

/** A machine with UEFI and a disk; its install has two ramdisks. */
async function openUefiLab(t: ExecutionContext, dhcp: Readonly<Record<string, unknown>> = {}) {
  t.timeout(6 * limitMs);
  const initrds = ['debian/initrd', 'agent.cpio'];
  const install = { kernel: 'debian/linux', initrds, args: 'rack={rack} host={node}' };
  const lab = await openBootLab(t, {
    settings: { dhcp, boot: { actions: { install } } },
    files: {
      'debian/initrd': await buildRamdisk(),
      'agent.cpio': buildOverlay('agent.overlay', 'it came along'),
    },
    advertisesIpv6: true,
  });
  await lab.addNode({ name, mac, ip: '10.88.0.50', action: 'install' });
  const args = [...uefiMachine(mac), ...(await makeUefiDisk(lab.folder, 'disk loader: up'))];
  return {
    ...lab,
    /** Its firmware lacks IPv6, for which it would wait long, and what is named. */
    switchOn: (...without: readonly string[]) =>
      powerOn(lab.machine(), { args: [...args, ...lacking(...without, 'IPv6Support')] }),
    expectStory: (...patterns: readonly RegExp[]) => lab.waitForStory(name, patterns, limitMs),
  };
}

/** What can be left out of the firmware. */
function lacking(...features: readonly string[]): readonly string[] {
  return features.flatMap((name) => ['-fw_cfg', `name=opt/org.tianocore/${name},string=n`]);
}

test('UEFI firmware comes through shim and GRUB, its disk, and HTTP boot to what its node boots', async (t) => {
  const { switchOn, expectStory, control } = await openUefiLab(t);
  const byPxe = await switchOn();
  const upByPxe = await byPxe.waitForLine(/^ramdisk: up/, limitMs);
  t.regex(upByPxe, /BOOTIF=01-52-54-00-88-00-02 rack=0 host=compute-0-0\s*$/);
  await byPxe.waitForLine(overlaySays, limitMs);
  await expectStory(
    /offer +10\.88\.0\.50, shimx64\.efi from 10\.88\.0\.1/,
    /ack +10\.88\.0\.50/,
    /sent, shimx64\.efi/,
    /sent, grubx64\.efi/,
    /sent, \/grub\/grub\.cfg/,
    /sent, \/debian\/linux, 7\.\d MiB/,
    /sent, \/debian\/initrd/,
    /sent, \/agent\.cpio/,
  );
  await byPxe.ended;

  await control('node', 'boot', name, 'os');
  const toDisk = await switchOn();
  t.regex(await toDisk.waitForLine(/disk loader: up/, limitMs), /^disk loader: up/);
  await expectStory(/sent, \/grub\/grub\.cfg/);
  toDisk.kill();
  await toDisk.ended;

  await control('node', 'boot', name, 'install');
  const byHttp = await switchOn('IPv4PXESupport');
  const upByHttp = await byHttp.waitForLine(/^ramdisk: up/, limitMs);
  t.regex(upByHttp, /BOOTIF=01-52-54-00-88-00-02 rack=0 host=compute-0-0\s*$/);
  await byHttp.waitForLine(overlaySays, limitMs);
  await expectStory(
    /offer +10\.88\.0\.50, http:\/\/10\.88\.0\.1\/boot\/snponly\.efi/,
    /http +sent, snponly\.efi/,
    /ack +10\.88\.0\.50, http:\/\/10\.88\.0\.1\/boot\/boot\.ipxe/,
    /http +sent, boot\.ipxe/,
    /http +sent, debian\/linux, 7\.\d MiB/,
    /http +sent, debian\/initrd/,
    /http +sent, agent\.cpio/,
  );
});

test('SYSLINUX for UEFI comes to what its node boots; with local boot it and iPXE step aside', async (t) => {
  const syslinux = { kind: 'pxe', architecture: 7, file: 'syslinux.efi' };
  const { switchOn, expectStory, control } = await openUefiLab(t, { 'boot-files': [syslinux] });
  const installing = await switchOn();
  const up = await installing.waitForLine(/^ramdisk: up/, limitMs);
  t.regex(up, /rack=0 host=compute-0-0 .*BOOTIF=01-52-54-00-88-00-02/);
  await installing.waitForLine(overlaySays, limitMs);
  await expectStory(
    /tftp +sent, syslinux\.efi/,
    // It asks for an address itself, and does not say who it is.
    /ack +10\.88\.0\.50, \/install\/sbin\/kickstart\.cgi/,
    /tftp +sent, ldlinux\.e64/,
    /tftp +sent, pxelinux\.cfg\/01-52-54-00-88-00-02/,
    /tftp +sent, debian\/linux, 7\.\d MiB/,
    /tftp +sent, debian\/initrd/,
    /tftp +sent, agent\.cpio/,
  );
  await installing.ended;

  await control('node', 'boot', name, 'os');
  const toDisk = await switchOn();
  t.regex(await toDisk.waitForLine(/disk loader: up/, limitMs), /^disk loader: up/);
  // The firmware goes on to HTTP, and then to the disk.
  await expectStory(/tftp +sent, pxelinux\.cfg\/01-/, /http +sent, snponly\.efi/, /boot\.ipxe/);
});
