import test, { type ExecutionContext } from 'ava';
import { type NetbootLab, openNetbootLab } from '../../support/debian-netboot-lab.ts';
import { endedForMemory } from '../../support/virtual-machine.ts';

const limitMs = 3_600_000;

test('Debian’s own netboot installer installs a machine by its agent, which boots its disk', async (t) => {
  t.timeout(2 * limitMs);
  const lab = await openNetbootLab(t, {
    profile: 'virtual',
    profiles: {
      'virtual.yaml': 'include: [debian12, kernel]\n',
      // A quarter of the usual one's size, and of the time for its ramdisk.
      'fragments/kernel.preseed':
        'd-i base-installer/kernel/image string linux-image-cloud-amd64\n',
    },
  });
  const { node } = lab;
  const startedAtMs = performance.now();
  const machine = await lab.switchOn();
  const logTime = (what: string) => {
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    t.log(`${what} after ${seconds} s, ${Math.round(machine.usage().cpuSeconds)} CPU-s`);
  };
  await lab.waitForStory(node, storyOfInstall, limitMs);
  logTime('answers fetched');
  const arrivedAtMs = new Map<string, number>();
  for (const [what, pattern] of steps) {
    const line = await lab.syslog.waitForLine(pattern, limitMs);
    arrivedAtMs.set(what, Number(line.split(' ')[1]));
    logTime(what);
  }
  await lab.waitForStory(node, [/kickstart +sent, late\.sh/, /installing → os/], limitMs);
  logTime('installed');

  await lab.waitForStory(node, [/ack +10\.88\.0\.50/, /sent, pxelinux\.cfg\/01-/], limitMs);
  // What stands above the prompt, which ends in no line.
  await machine.waitForLine(new RegExp(`GNU/Linux \\d+ ${node} ttyS0`), limitMs);
  logTime('login');
  // By now the last of it has been told.
  await checkInstall(t, lab, arrivedAtMs);
  const shown = JSON.parse(await lab.control('node', 'show', node, '--json'));
  t.like(shown, { bootState: 'os', bootAction: 'os' });
  t.deepEqual([machine, lab.syslog].flatMap(endedForMemory), []);
  machine.kill();
  await machine.ended;
  const top = await lab.listDisk('/');
  t.true(
    ['boot', 'etc', 'home'].every((name) => top.includes(name)),
    top.join(' '),
  );
  t.false(top.includes('.scree'), 'the store is gone');
  t.true((await lab.listDisk('/root/.ssh')).includes('authorized_keys'));
});

const storyOfInstall = [
  /ack +10\.88\.0\.50, pxelinux\.0/,
  /sent, debian\/linux/,
  /sent, debian\/initrd/,
  /sent, scree\/agent\.img/,
  /ack +10\.88\.0\.50, http:\/\/10\.88\.0\.1\/install\/sbin\/kickstart\.cgi/,
  /booting → installing/,
  /kickstart +sent, early\.sh/,
];

const steps: readonly (readonly [string, RegExp])[] = [
  ['mirror', selected('choose-mirror')],
  ['installer parts', selected('download-installer')],
  ['disk', selected('partman-base')],
  ['base system', selected('bootstrap-base')],
  ['first package', / debootstrap: Unpacking /],
  ['packages', selected('pkgsel')],
  ['boot loader', selected('grub-installer')],
  ['end', selected('finish-install')],
];

function selected(item: string): RegExp {
  return new RegExp(`main-menu\\[\\d+\\]: INFO: Menu item '${item}' selected`);
}

async function checkInstall(
  t: ExecutionContext,
  { shownInstall, syslog }: NetbootLab,
  arrivedAtMs: ReadonlyMap<string, number>,
): Promise<void> {
  const { progress } = await shownInstall();
  const { phases = [], bytes } = progress ?? {};
  t.log(progress);
  const expected = ['agent', 'partitioned', 'packages', 'post', 'done'];
  const told = phases.map(({ name }) => name).filter((name) => expected.includes(name));
  t.deepEqual(told, expected);
  const toldAtMs = (name: string) => phases.find((each) => each.name === name)?.atMs ?? Infinity;
  t.true(toldAtMs('agent') < (arrivedAtMs.get('mirror') ?? 0), 'the agent is there first');
  const firstPackage = arrivedAtMs.get('first package') ?? 0;
  t.true(toldAtMs('partitioned') < firstPackage, 'the store is on the disk first');

  const { frontend = 0, fallback = 0 } = bytes ?? {};
  // Pieces from the only seed: parts of the installer, the base system, packages.
  t.true(frontend > 40 * 2 ** 20, JSON.stringify(bytes));
  t.true(fallback < frontend / 20, JSON.stringify(bytes));
  const lines = syslog.stdout.lines();
  const fetched = lines.flatMap((line) => / Get:\d+ (\S+)/.exec(line)?.[1] ?? []);
  t.true(fetched.length > 20, `${fetched.length}`);
  t.deepEqual([...new Set(fetched)], ['http://127.0.0.1/install/debian12']);
}

test('a preseed whose script fails ends as failed, with what it said, and the machine boots its disk', async (t) => {
  t.timeout(2 * limitMs);
  const lab = await openNetbootLab(t, {
    profile: 'broken',
    profiles: {
      'broken.yaml': 'include: [debian12, firmware]\n',
      'fragments/firmware.pre.sh':
        'wget -O /tmp/blob http://127.0.0.1/install/debian12/no-such-blob\n',
    },
  });
  const { node } = lab;
  const startedAtMs = performance.now();
  const machine = await lab.switchOn();
  const story = [/kickstart +sent, early\.sh/, /installing → failed/];
  const failed = (await lab.waitForStory(node, story, limitMs)).at(-1) ?? '';
  const seconds = Math.round((performance.now() - startedAtMs) / 1000);
  t.log(`${failed} after ${seconds} s, ${Math.round(machine.usage().cpuSeconds)} CPU-s`);
  t.regex(failed, /pre firmware: exit code \d/);
  t.regex(await lab.installLog(), /no-such-blob[\s\S]*404/);

  machine.kill();
  await machine.ended;
  await lab.switchOn();
  await lab.waitForStory(node, [/ack +10\.88\.0\.50/, /sent, pxelinux\.cfg\/01-/], limitMs);
  const events = (await lab.control('node', 'events', node)).split('\n');
  t.is(events.filter((line) => /sent, debian\/linux/.test(line)).length, 1, events.join('\n'));
  t.is((await lab.shownInstall()).bootState, 'failed');
});
