import test, { type ExecutionContext } from 'ava';
import { openBootLab } from '../../support/boot-lab.ts';
import { buildRamdisk } from '../../support/tiny-ramdisk.ts';
import { biosMachine, powerOn } from '../../support/virtual-machine.ts';

// The policy `boot.failed: wait`, with the loaders themselves.

const limitMs = 240_000;
const mac = '52:54:00:88:00:03';
const name = 'compute-0-0';

/** A machine without a disk: what does not wait at its loader does not come back. */
async function installsAtLast(
  t: ExecutionContext,
  dhcp: Readonly<Record<string, unknown>>,
  sent: RegExp,
): Promise<void> {
  t.timeout(4 * limitMs);
  const install = { kernel: 'debian/linux', initrds: ['debian/initrd'], args: 'mine={token}' };
  const lab = await openBootLab(t, {
    settings: { dhcp, boot: { failed: 'wait', actions: { install } } },
    files: { 'debian/initrd': await buildRamdisk() },
    advertisesIpv6: true,
  });
  await lab.addNode({ name, mac, ip: '10.88.0.50', action: 'install' });
  const switchOn = () => powerOn(lab.machine(), { args: biosMachine(mac) });
  const first = await switchOn();
  const token = /mine=(\S+)/.exec(await first.waitForLine(/^ramdisk: up/, limitMs))?.[1];
  await lab.waitForStory(name, [sent], limitMs);
  await first.ended;
  const failure = `http://10.88.0.1/installs/${token}/failure?reason=no+disk`;
  await lab.frontend.run(['curl', '-sSf', '-X', 'POST', failure]);

  const second = await switchOn();
  await lab.waitForStory(name, [/failed.*no disk/, sent], limitMs);
  await lab.control('node', 'boot', name, 'install');
  const up = await second.waitForLine(/^ramdisk: up/, limitMs);
  t.regex(up, /mine=\d+-/);
  t.false(up.includes(`mine=${token}`), 'an install of its own');
  await second.ended;
}

test('iPXE waits where an install has failed, and installs as soon as it is to', (t) =>
  installsAtLast(t, {}, /http +sent, boot\.ipxe/));

test('PXELINUX waits where an install has failed, and installs as soon as it is to', (t) => {
  // The ROM of the card is iPXE, which takes it as any firmware does.
  const dhcp = { 'boot-files': [{ kind: 'ipxe', file: 'pxelinux.0' }] };
  return installsAtLast(t, dhcp, /tftp +sent, pxelinux\.cfg\/01-52-54-00-88-00-03/);
});
