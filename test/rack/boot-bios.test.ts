import test, { type ExecutionContext } from 'ava';
import { makeBiosDisk } from '../support/boot-disk.ts';
import { openBootLab } from '../support/boot-lab.ts';
import { buildOverlay, buildRamdisk } from '../support/tiny-ramdisk.ts';
import { biosMachine, powerOn } from '../support/virtual-machine.ts';

const limitMs = 180_000;
const mac = '52:54:00:88:00:02';
const name = 'compute-0-0';

/** A machine with a BIOS and a disk; its install has two ramdisks. */
async function openBiosLab(t: ExecutionContext, dhcp: Readonly<Record<string, unknown>> = {}) {
  t.timeout(4 * limitMs);
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
  const args = [...biosMachine(mac), ...(await makeBiosDisk(lab.folder, 'boot sector: up'))];
  return {
    ...lab,
    switchOn: () => powerOn(lab.machine(), { args }),
    expectStory: (...patterns: readonly RegExp[]) => lab.waitForStory(name, patterns, limitMs),
  };
}

test('a BIOS whose card has iPXE boots by HTTP what its node boots, and then its disk', async (t) => {
  const { switchOn, expectStory, control } = await openBiosLab(t);
  const first = await switchOn();
  const up = await first.waitForLine(/^ramdisk: up/, limitMs);
  t.regex(
    up,
    /initrd=initrd0 initrd=initrd1 BOOTIF=01-52-54-00-88-00-02 rack=0 host=compute-0-0\s*$/,
  );
  await first.waitForLine(/^ramdisk: \/agent\.overlay says it came along/, limitMs);
  await expectStory(
    /offer +10\.88\.0\.50, http:\/\/10\.88\.0\.1\/boot\/boot\.ipxe/,
    /ack +10\.88\.0\.50/,
    /http +sent, boot\.ipxe/,
    /http +sent, debian\/linux, 7\.\d MiB/,
    /http +sent, debian\/initrd/,
    /http +sent, agent\.cpio/,
  );
  await first.ended;
  await control('node', 'boot', name, 'os');
  const second = await switchOn();
  t.regex(await second.waitForLine(/boot sector: up/, limitMs), /^boot sector: up/);
  await expectStory(/http +sent, boot\.ipxe/);
});

test('a BIOS that is sent PXELINUX boots by TFTP what its node boots, and then its disk', async (t) => {
  // The ROM of the card is iPXE, which takes it as any firmware does.
  const rules = { 'boot-files': [{ kind: 'ipxe', file: 'pxelinux.0' }] };
  const { switchOn, expectStory, control } = await openBiosLab(t, rules);
  const first = await switchOn();
  const up = await first.waitForLine(/^ramdisk: up/, limitMs);
  t.regex(up, /rack=0 host=compute-0-0 .*BOOTIF=01-52-54-00-88-00-02/);
  await first.waitForLine(/^ramdisk: \/agent\.overlay says it came along/, limitMs);
  await expectStory(
    /offer +10\.88\.0\.50, pxelinux\.0 from 10\.88\.0\.1/,
    /tftp +sent, pxelinux\.0/,
    /tftp +sent, ldlinux\.c32/,
    /tftp +sent, pxelinux\.cfg\/01-52-54-00-88-00-02/,
    /tftp +sent, debian\/linux, 7\.\d MiB/,
    /tftp +sent, debian\/initrd/,
    /tftp +sent, agent\.cpio/,
  );
  await first.ended;
  await control('node', 'boot', name, 'os');
  const second = await switchOn();
  t.regex(await second.waitForLine(/boot sector: up/, limitMs), /^boot sector: up/);
  await expectStory(/tftp +sent, pxelinux\.cfg\/01-52-54-00-88-00-02/);
});
