import { fileURLToPath } from 'node:url';
import test from 'ava';
import { type BareMachine, openBareLab } from '../support/bare-machines.ts';
import type { BytesByOrigin } from '../support/lab-figures.ts';
import type { RackProcess } from '../support/rack-process.ts';
import { makeSmallDebianTree } from '../support/small-debian-tree.ts';
import { endedForMemory } from '../support/virtual-machine.ts';

const limitMs = 840_000;

const bios: BareMachine = {
  ...{ name: 'compute-0-0', firmware: 'bios', mac: '52:54:00:88:00:02', ip: '10.88.0.50' },
  ...{ diskMib: 2048, memoryMib: 640 },
};
const uefi: BareMachine = {
  ...{ name: 'compute-0-1', firmware: 'uefi', mac: '52:54:00:88:00:03', ip: '10.88.0.51' },
  ...{ diskMib: 2048, memoryMib: 768 },
};
const tooSmall: BareMachine = {
  ...{ name: 'compute-0-2', firmware: 'bios', mac: '52:54:00:88:00:04', ip: '10.88.0.52' },
  ...{ diskMib: 512, memoryMib: 640 },
};

test('two bare machines install themselves at once, from each other, and boot their disks', async (t) => {
  t.timeout(4 * limitMs);
  const lab = await openBareLab(t, {
    tree: { name: 'small', folder: await makeSmallDebianTree() },
    profile: 'small',
    profiles: fileURLToPath(new URL('profiles', import.meta.url)),
  });
  t.is(await lab.remakeRamdisk(), lab.ramdiskSha256, 'made again, it is the same');
  const startedAtMs = performance.now();
  const seconds = () => Math.round((performance.now() - startedAtMs) / 1000);
  const first = await lab.install(bios);
  const machines = [first, await lab.install(uefi)];

  await Promise.all(machines.map((each) => each.waitForLine(/^scree: installed/, limitMs)));
  t.log(`installed after ${seconds()} s`);
  const received = machines.map(readReceived);
  t.log(received);
  const fromPeers = received.reduce((sum, each) => sum + each.fromPeers, 0);
  const fromFrontend = received.reduce((sum, each) => sum + each.fromFrontend, 0);
  // Each piece leaves the frontend about once, for two machines.
  t.true(fromPeers > fromFrontend / 2, JSON.stringify(received));

  // What stands above the prompt, which ends in no line.
  const prompts = [bios, uefi].map(({ name }) => new RegExp(`GNU/Linux \\d+ ${name} ttyS0`));
  await Promise.all(
    machines.map((each, at) => each.waitForLine(prompts[at] ?? /^never$/, limitMs)),
  );
  t.log(`login after ${seconds()} s`);
  t.deepEqual(machines.flatMap(endedForMemory), []);
  await lab.waitForStory(bios.name, storyOf(bios, [/pxelinux\.0/, /pxelinux\.cfg\/01-/]), limitMs);
  await lab.waitForStory(uefi.name, storyOf(uefi, [/shimx64\.efi/, /grub\/grub\.cfg/]), limitMs);

  first.kill();
  await first.ended;
  const third = await lab.install(tooSmall);
  const said = await third.waitForLine(/^failed: /, limitMs);
  t.regex(said, /install disk: expected a disk of at least 1500 MiB, \/dev\/vda has 512 MiB/);
  await lab.waitForStory(tooSmall.name, [/kickstart +sent/, /installing → failed/], limitMs);
  // Switched on again by itself, it is sent to its disk.
  await lab.waitForStory(tooSmall.name, [/sent, pxelinux\.cfg\/01-/], limitMs);
  t.like(await lab.shownNode(tooSmall.name), { bootState: 'failed' });
  const story = await lab.control('node', 'events', tooSmall.name);
  t.is(story.split('\n').filter((line) => /kickstart +sent/.test(line)).length, 1, story);
  t.log(`a disk too small after ${seconds()} s`);
});

/** From power-on by way of the install script to the disk. */
function storyOf({ ip }: BareMachine, [loader, settings]: readonly [RegExp, RegExp]) {
  return [
    new RegExp(`ack +${ip}, ${loader.source}`),
    new RegExp(`sent, ${loader.source}`),
    /sent, \/?debut\/linux/,
    /sent, \/?debut\/initrd/,
    new RegExp(`ack +${ip}, /install/sbin/kickstart\\.cgi`),
    /kickstart +sent/,
    /installing → os/,
    new RegExp(`sent, /?${settings.source}`),
  ];
}

/** What the agent said of itself at the end of its install. */
function readReceived({ stdout }: RackProcess): BytesByOrigin {
  const line = stdout.lines().find((each) => each.startsWith('agent: ')) ?? '';
  const [, fromFrontend, fromPeers] = /^agent: frontend (\d+) peers (\d+)/.exec(line) ?? [];
  return { fromPeers: Number(fromPeers), fromFrontend: Number(fromFrontend) };
}
