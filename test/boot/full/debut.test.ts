import test from 'ava';
import { type BareMachine, openBareLab } from '../../support/bare-machines.ts';
import { makeDebianMirror } from '../../support/debian-mirror.ts';
import { endedForMemory } from '../../support/virtual-machine.ts';

// On a machine that is busy with other things an hour is not enough.
const limitMs = 9_000_000;

// A quarter of the usual one's size, and of the time that its ramdisk takes, which is made twice.
const kernel = 'linux-image-cloud-amd64';

const machines: readonly BareMachine[] = [
  {
    ...{ name: 'compute-0-0', firmware: 'bios', mac: '52:54:00:88:00:02', ip: '10.88.0.50' },
    ...{ diskMib: 6144, memoryMib: 1024 },
  },
  {
    ...{ name: 'compute-0-1', firmware: 'uefi', mac: '52:54:00:88:00:03', ip: '10.88.0.51' },
    ...{ diskMib: 6144, memoryMib: 1024 },
  },
];

test('two bare machines install Debian by the shipped profile debut, and boot it', async (t) => {
  t.timeout(limitMs);
  const mirror = await makeDebianMirror(
    'debian-mirror-debut',
    [
      ...['grub-pc', 'initramfs-tools', kernel, 'openssh-server'],
      // Recommended by initramfs-tools: gzip takes several times as long.
      ...['systemd-resolved', 'systemd-sysv', 'zstd'],
    ],
    ['grub-efi-amd64', 'shim-signed'],
  );
  const lab = await openBareLab(t, {
    tree: { name: 'debian12', folder: mirror.folder },
    profile: 'debut',
    attributes: {
      'debootstrap-variant': 'minbase',
      'kernel-package': kernel,
      language: 'C.UTF-8',
      // It is signed with a key of its own.
      'trust-unsigned': 'true',
      'ssh-keys': '["ssh-ed25519 AAAA me"]',
    },
  });
  const startedAtMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedAtMs) / 1000);
  const running = await Promise.all(machines.map(lab.install));
  const follow = async (index: number): Promise<void> => {
    const [machine, console] = [machines[index], running[index]];
    if (machine === undefined || console === undefined) return;
    await console.waitForLine(/^scree: installed/, limitMs);
    t.log(`${machine.firmware}: installed after ${seconds()} s`);
    // What stands above the prompt, which ends in no line.
    await console.waitForLine(new RegExp(`GNU/Linux \\d+ ${machine.name} ttyS0`), limitMs);
    t.log(`${machine.firmware}: login after ${seconds()} s, ${console.usage().cpuSeconds} CPU-s`);
  };
  await Promise.all(machines.map((_, index) => follow(index)));
  t.deepEqual(running.flatMap(endedForMemory), []);
  for (const { name } of machines) {
    t.like(await lab.shownNode(name), { bootState: 'os', bootAction: 'os' });
  }
});
