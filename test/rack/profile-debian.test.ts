import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { AgentStatus } from '../../src/installer-agent/status.ts';
import type { BootOrder, DebianMachine } from '../support/debian-machine.ts';
import { runInside } from '../support/debian-system.ts';
import { openProfileLab, type ProfileLab } from '../support/profile-lab.ts';
import type { RackProcess } from '../support/rack-process.ts';

const installLimitMs = 200_000;

const nasty = `ann's "own" \`touch /hit\` $(touch /hit) & <b> | ; # ~ %s \\n \\`;
const motd = `it's "Debian" $HOME $(touch /hit) <b>&amp; é名 %s \\n\nEND_OF_SCRIPT\nend \\`;
const [rootHash, annHash] = ['$6$sa.lt/$hash./0', '$y$j9T$other$hash'];
const kernelArguments = `quiet note="it's $x;" \`id\``;
const greeting = {
  'lab.yaml': 'description: Debian 12 that greets\ninclude: [debian12, motd]\n',
  'fragments/motd.yaml': 'attributes:\n  motd: { default: "" }\n',
  'fragments/motd.post.sh': `printf '%s\\n' {{ motd }} >/etc/motd\n`,
};
const attributes = {
  profile: 'lab',
  motd,
  'time-zone': 'Europe/Vienna',
  domain: 'rack.local',
  'ssh-keys': [`ssh-ed25519 AAAA1 ${nasty}`, 'ssh-ed25519 AAAA2 second'],
  admins: ['ann'],
  'user-keys': [`bob:ssh-rsa BBBB ${nasty}`],
  packages: ['nano', 'systemd-sysv'],
  'packages-at-first-boot': ['less', '-nano'],
  'kernel-arguments': kernelArguments,
};
const secrets = { 'root-password-hash': rootHash, users: `ann:${annHash}\nbob\n` };

test('two nodes are installed by the shipped Debian profile, and boot their disks', async (t) => {
  t.timeout(2 * installLimitMs);
  const lab = await openProfileLab(t, { machines: ['one', 'two'], profiles: greeting });
  const [one, two] = lab.machines;
  if (one === undefined || two === undefined) throw new Error('expected two machines');
  await setAttributes(lab);
  t.regex(await lab.control('profile', 'check'), / 2 nodes are well/);
  const startedAtMs = Date.now();
  const orders = [await one.powerOn(), await two.powerOn()] as const;
  const runs = await Promise.all([one.install(orders[0]), two.install(orders[1])]);
  for (const run of runs) t.regex(await endOf(run), /^0 /);
  t.log(`installed in ${Date.now() - startedAtMs} ms`);
  for (const name of ['compute-0-0', 'compute-0-1']) t.true(await bootsDisk(lab, name), name);
  await checkBytes(t, [one, two]);
  for (const machine of [one, two]) await checkSystem(t, machine);
  t.notRegex(await one.readFile('var/log/syslog'), /question will be asked/);
  // Its part for the boot loader is in no ramdisk; it has read what that would do all the same.
  const answers = await one.readFile('var/lib/cdebconf/questions.dat');
  t.true(answers.includes(`\nValue: console=tty0 console=ttyS0,115200 ${kernelArguments}\n`));

  t.deepEqual([await one.powerOn(), await two.powerOn()], [{ kind: 'disk' }, { kind: 'disk' }]);
  await checkFirstBoot(t, one);
  await useSpentToken(t, one, orders[0]);
  t.true(await bootsDisk(lab, 'compute-0-0'));
  await checkStory(t, lab);
});

async function setAttributes({ folder, control }: ProfileLab): Promise<void> {
  const words = Object.entries(attributes).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}`,
  );
  await control('attr', 'set', '--global', ...words);
  await control('attr', 'set', '--node', 'compute-0-1', 'trust-unsigned=yes');
  for (const [name, value] of Object.entries(secrets)) {
    const file = join(folder, name);
    await writeFile(file, value);
    await control('attr', 'set', '--global', '--secret', `${name}=@${file}`);
  }
}

async function endOf(run: RackProcess): Promise<string> {
  const timer = setTimeout(run.kill, installLimitMs);
  const { code, signal } = await run.ended.finally(() => clearTimeout(timer));
  return `${signal ?? code} ${run.stderr.lines().slice(-5).join(' | ')}`;
}

async function bootsDisk({ control }: ProfileLab, node: string): Promise<boolean> {
  return /boots +os\n[\s\S]*state +os/.test(await control('node', 'show', node));
}

async function checkBytes(t: ExecutionContext, machines: readonly DebianMachine[]): Promise<void> {
  const statuses: AgentStatus[] = [];
  for (const machine of machines) statuses.push(JSON.parse(await machine.readFile('agent.json')));
  const sum = (of: (status: AgentStatus) => number) =>
    statuses.reduce((total, status) => total + of(status), 0);
  const figures = {
    fromSwarm: sum(({ fromSwarmBytes }) => fromSwarmBytes),
    pastSwarm: sum((each) => each.fromFrontendBytes + each.passedThroughBytes),
    fromPeers: sum(({ trees }) => trees[0]?.counters?.receivedFromPeersBytes ?? 0),
    fromFrontend: sum(({ trees }) => trees[0]?.counters?.receivedFromFrontendBytes ?? 0),
  };
  t.log('agents', figures);
  t.true(figures.fromSwarm > 20 * figures.pastSwarm, JSON.stringify(figures));
  // Of two nodes, each piece leaves the frontend for one, and that one for the other.
  t.true(figures.fromPeers > figures.fromFrontend / 2, JSON.stringify(figures));
}

async function checkSystem(t: ExecutionContext, { system }: DebianMachine): Promise<void> {
  const { name } = system.host;
  const inside = (script: string) => runInside(system, script, 60_000);
  const file = (path: string) => readFile(join(system.root, path), 'utf8');
  // Both are silent about a system in which every package is whole.
  t.is(await inside('dpkg --audit; dpkg --verify'), '', name);
  t.is(await inside('su ann -c "sudo -V | head -n1 | cut -c1-12"'), 'Sudo version', name);
  t.is(await inside('id -nG ann; id -nG bob; passwd -S bob | cut -c1-5'), 'ann sudo\nbob\nbob L');
  const shadow = await file('etc/shadow');
  t.true(shadow.includes(`root:${rootHash}:`) && shadow.includes(`ann:${annHash}:`), shadow);
  t.is(await file('root/.ssh/authorized_keys'), `${attributes['ssh-keys'].join('\n')}\n`);
  t.is(await file('home/bob/.ssh/authorized_keys'), `ssh-rsa BBBB ${nasty}\n`);
  const keys = 'stat -c "%a %U %G" /root/.ssh/authorized_keys ~bob/.ssh ~bob/.ssh/authorized_keys';
  t.is(await inside(keys), '600 root root\n700 bob bob\n600 bob bob');
  t.is(await file('etc/motd'), `${motd}\n`);
  t.is(await inside('date -d @0 +%Z; cat /etc/timezone'), 'CET\nEurope/Vienna');
  t.is((await file('etc/hostname')).trim(), name === 'one' ? 'compute-0-0' : 'compute-0-1');
  const trusted = name === 'two' ? '[trusted=yes] ' : '';
  const source = `deb ${trusted}http://10.88.0.1/install/debian12 bookworm main\n`;
  t.is(await file('etc/apt/sources.list'), source);
  t.is(await inside('systemctl is-enabled scree-first-boot ssh'), 'enabled\nenabled', name);
  t.is(await inside('ls -d /hit /root/scree* /usr/sbin/policy-rc.d 2>/dev/null || :'), '', name);
  await t.throwsAsync(stat(join(system.root, '../hit')), { code: 'ENOENT' });
}

/** What systemd would start; packages come from the frontend then. */
async function checkFirstBoot(t: ExecutionContext, { system }: DebianMachine): Promise<void> {
  const installed = () => runInside(system, 'cd /usr/bin; ls -d less nano || :', 10_000);
  t.is(await installed(), 'nano');
  const start = 'sed -n s/^ExecStart=//p /etc/systemd/system/scree-first-boot.service | sh -ex';
  await runInside(system, start, 100_000);
  t.is(await installed(), 'less');
  const isEnabled = 'systemctl is-enabled scree-first-boot || :';
  t.is(await runInside(system, isEnabled, 10_000), 'disabled');
}

/** Says with the token of an install that is done whatever may change the node's state. */
async function useSpentToken(
  t: ExecutionContext,
  { system: { host } }: DebianMachine,
  order: BootOrder,
): Promise<void> {
  const [, token = ''] = /scree\.token=(\S+)/.exec(JSON.stringify(order)) ?? [];
  t.regex(token, /^\d+-[\da-f]{32}$/);
  const get = (path: string) =>
    host.run(['curl', '-sS', '-w', '%{http_code}', '-o', '/dev/null', `http://10.88.0.1${path}`]);
  t.is((await get(`/kickstart/${token}`)).stdout, '409');
  await get(`/installs/${token}/failure?reason=late`);
  await get(`/install/sbin/public/setPxeboot.cgi?action=install&token=${token}`);
}

async function checkStory(t: ExecutionContext, { control }: ProfileLab): Promise<void> {
  const expected = [
    / offer +10\.88\.0\.50, pxelinux\.0 /,
    / state +install → booting/,
    / tftp +sent, pxelinux\.cfg\/01-/,
    / tftp +sent, debian\/initrd, /,
    / ack +10\.88\.0\.50, http:\/\/10\.88\.0\.1\/install\/sbin\/kickstart\.cgi/,
    / state +booting → installing/,
    / kickstart +sent, early\.sh/,
    / kickstart +sent, late\.sh/,
    / kickstart +sent, selections/,
    / state +installing → os/,
    / ack +10\.88\.0\.50, pxelinux\.0 /,
    / tftp +sent, pxelinux\.cfg\/01-/,
  ];
  const inOrder = expected.map(({ source }) => source).join('[^]*\\n.*');
  t.regex(await control('node', 'events', 'compute-0-0'), new RegExp(inOrder));
}

/** A boot action of one's own, as the documentation has it. */
const byToken = {
  kernel: 'debian/linux',
  initrds: ['debian/initrd'],
  args:
    'auto=true priority=critical netcfg/no_default_route=true netcfg/get_nameservers={frontend} ' +
    'url=http://{server}/kickstart/{token} scree.frontend=http://{server} scree.token={token}',
};

test('a machine that loses its power while it installs has failed, and boots its disk', async (t) => {
  t.timeout(2 * installLimitMs);
  const boot = { silence: 60, actions: { install: byToken } };
  const lab = await openProfileLab(t, { machines: ['one'], boot });
  const [machine] = lab.machines;
  if (machine === undefined) throw new Error('expected a machine');
  const run = await machine.install(await machine.powerOn());
  await lab.waitForStory('compute-0-0', [/booting → installing/], installLimitMs);
  const endMs = Date.now() + installLimitMs;
  while (!(await isUnpacking(machine)) && Date.now() < endMs) await delay(100);
  run.kill();
  await run.ended;
  const [line] = await lab.waitForStory('compute-0-0', [/installing → failed/], installLimitMs);
  t.regex(line ?? '', /nothing was heard of its install for 60 s/);
  t.deepEqual(await machine.powerOn(), { kind: 'disk' });
  t.deepEqual(await machine.powerOn(), { kind: 'disk' });
  const said = await lab.control('node', 'show', 'compute-0-0');
  t.regex(said, /state +failed: nothing was heard of its install for 60 s/);
});

async function isUnpacking({ readFile: read }: DebianMachine): Promise<boolean> {
  return /^I: Extracting/m.test(await read('var/log/debootstrap.log').catch(String));
}

test('a script that fails is told with its last lines, and so is a step of the installer', async (t) => {
  t.timeout(2 * installLimitMs);
  const args = `${byToken.args} base=none`;
  const base = 'output: preseed\nos: debian12\ntree: debian12\n';
  const lab = await openProfileLab(t, {
    machines: ['late', 'post', 'step'],
    boot: { actions: { install: { ...byToken, args } } },
    profiles: {
      'beside.yaml': `${base}include: [source, raid]\n`,
      'inside.yaml': `${base}include: [source, greet]\n`,
      'none.yaml': `${base}include: [source, nothing]\n`,
      'fragments/nothing.packages': 'nothing\n',
      'fragments/raid.late.sh': 'echo "md0: it\'s degraded & <b>" >&2\nls /no/such/controller\n',
      'fragments/greet.post.sh': 'echo "in the new system: it\'s full"\nexit 7\n',
    },
  });
  await lab.control('attr', 'set', '--global', 'own-repositories=no', 'suite=bookworm');
  const socket = ['--unix-socket', join(lab.folder, 'state/scree.sock')];
  const fails = async (at: number, profile: string, [reason, lines]: readonly [RegExp, RegExp]) => {
    const [machine, node] = [lab.machines[at], `compute-0-${at}`];
    if (machine === undefined) throw new Error('expected a machine');
    await lab.control('attr', 'set', '--node', node, `profile=${profile}`);
    await machine.install(await machine.powerOn());
    await lab.waitForStory(node, [/installing → failed/], installLimitMs);
    t.regex(await lab.control('node', 'show', node), reason);
    const url = `http://scree/api/v1/nodes/${node}/install-log`;
    const log = await lab.frontend.run(['curl', '-sS', '--fail', ...socket, url]);
    t.regex(JSON.parse(log.stdout).text, lines);
    t.deepEqual(await machine.powerOn(), { kind: 'disk' });
  };
  await Promise.all([
    fails(0, 'beside', [
      /state +failed: late raid: exit code 1/,
      /^md0: it's degraded & <b>\n.*\/no\/such\/controller.*$/,
    ]),
    fails(2, 'none', [
      /state +failed: the installer's step pkgsel failed/,
      /main-menu: .*'pkgsel'/,
    ]),
    fails(1, 'inside', [
      /state +failed: post greet: exit code 7/,
      /^in the new system: it's full$/m,
    ]),
  ]);
});
