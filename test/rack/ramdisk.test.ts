import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createProfiles } from '../../src/frontend/profiles/main.ts';
import { hostOf, writeFiles } from '../frontend/profiles/fixture.ts';
import { type ImageMachine, makeImageMachine } from '../support/image-machine.ts';
import { createRack } from '../support/rack.ts';
import { writeConfig } from '../support/scree-processes.ts';
import { makeKeys, pemOf } from '../support/small-tree.ts';
import type { StandInCall, StandInPlan } from '../support/stand-in-frontend.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// What the ramdisk's init and the image's hooks do once there is a network, in a machine that is a
// folder: test/boot/install.test.ts has the whole, in virtual machines.

const limitMs = 90_000;
const token = `7-${'ab'.repeat(16)}`;
const kernelArguments = `quiet scree.frontend=http://10.77.0.1 scree.token=${token}`;
const ramdiskFiles = resolve('src/frontend/images/ramdisk/files');

type Lab = {
  readonly machine: ImageMachine;
  readonly calls: () => readonly StandInCall[];
  readonly log: () => Promise<string>;
  /** Runs init from where it has an address. */
  readonly install: () => Promise<void>;
};

type Plan = Omit<Partial<StandInPlan>, 'files'> & {
  /** Of the machine's install. */
  readonly script?: string;
  readonly arguments?: string;
};

async function openLab(t: ExecutionContext, { script = '', ...plan }: Plan = {}): Promise<Lab> {
  const rack = await createRack({
    hosts: [
      { name: 'frontend', ip: '10.77.0.1' },
      { name: 'node', ip: '10.77.0.2' },
    ],
  });
  t.teardown(rack.remove);
  const [frontend, node] = [rack.host('frontend'), rack.host('node')];
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  const build = [resolve('scree'), 'image', 'build', '--compression', 'zstd-quick', '--json'];
  const { stdout } = await node.run([...build, '-c', config]);
  const standIn: StandInPlan = {
    ...{ listen: '10.77.0.1', files: { [`/kickstart/${token}`]: `#!/bin/sh\n${script}` } },
    publicKey: await readFile(join(folder, 'state/keys/manifest.pub'), 'utf8'),
    ...plan,
  };
  const program = resolve('test/support/stand-in-frontend.ts');
  const server = frontend.start([process.execPath, program, JSON.stringify(standIn)]);
  await server.waitForLine(/^ready$/, limitMs);
  const machine = await makeImageMachine(t, node, String(JSON.parse(stdout).path));
  await mkdir(join(machine.root, 'usr/bin'), { recursive: true });
  await copyFile(join(ramdiskFiles, 'wget'), join(machine.root, 'usr/bin/wget'));
  const init = await readFile(join(ramdiskFiles, 'init'), 'utf8');
  await writeFile(join(machine.root, 'init.sh'), init.replace(/\nmain\n$/, rest));
  await machine.powerOn(plan.arguments ?? kernelArguments);
  return {
    machine,
    calls: () =>
      server.stdout.lines().flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : [])),
    log: () => machine.run('cat /var/log/scree-install.log'),
    install: async () => void (await machine.run('/bin/sh /init.sh >/init.log 2>&1 &')),
  };
}

/** In main's place: a machine that has found its network. */
const rest = `
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C
mkdir -p "$work" /target
: >"$script_log"
interface=eth0 lease_file=
restart() { tell restarted; exit; }
install
restart
`;

const endsOf = (calls: readonly StandInCall[]) =>
  calls.filter(({ url }) => url.startsWith(`/installs/${token}/`) && !url.endsWith('/progress'));

test('no script is fetched from a frontend with another key, however late its list comes', async (t) => {
  const { machine, calls, install, log } = await openLab(t, {
    ...{ publicKey: pemOf(makeKeys()), listMs: 8_000, script: ': >/ran\n' },
  });
  await install();
  await machine.until('grep "this machine waits here" /var/log/scree-install.log', limitMs);
  const said = await log();
  t.regex(said, /^waiting for the list of trees of http:\/\/10\.77\.0\.1$/m);
  t.regex(said, /^failed: refused: expected the frontend whose key is \w+, got one whose key/m);
  t.notRegex(said, /restarted/);
  await t.throwsAsync(machine.run('ls /ran'));
  t.deepEqual(
    calls().filter(({ url }) => url.startsWith('/kickstart/')),
    [],
  );
});

test('a list that comes late is waited for; the success call has the log with it', async (t) => {
  const { machine, calls, install, log } = await openLab(t, {
    listMs: 8_000,
    script: `echo 'it runs' >>"$SCREE_LOG"
      : >/run/scree/installed
      /opt/scree/say end success '' "$SCREE_LOG" >/said\n`,
  });
  await install();
  await machine.until('grep restarted /var/log/scree-install.log', limitMs);
  t.regex(await log(), /it runs\ninstalled\n/);
  t.regex(await machine.run('cat /said'), /"isTold":true/);
  const ends = endsOf(calls());
  t.deepEqual(
    ends.map(({ method, url }) => [method, url.split('?')[0]]),
    [['POST', `/installs/${token}/success`]],
  );
  t.regex(ends[0]?.body ?? '', /it runs/);
});

test('a failure that cannot be told is told again before the machine restarts', async (t) => {
  const { machine, calls, install, log } = await openLab(t, {
    // The first five are one call: wget tries so often.
    ends: Array.from({ length: 6 }, () => 503),
    script: `echo 'line of the log' >>"$SCREE_LOG"
      echo 'install disk: it is "50 %" & more' >/run/scree/failed
      kill "$(cat /run/scree/run.pid)"
      while [ -e /run/scree/run.pid ]; do sleep 1; done
      exit 3\n`,
  });
  await install();
  await machine.until('grep restarted /var/log/scree-install.log', limitMs);
  const said = await log();
  t.regex(said, /^failed: install disk: it is "50 %" & more$/m);
  t.regex(
    said,
    /does not know of the end yet \(failure: install disk: .*\); .* again in 5 s: .*503/,
  );
  const ends = endsOf(calls());
  t.is(ends.length, 7);
  const last = new URL(ends.at(-1)?.url ?? '', 'http://x');
  t.is(last.pathname, `/installs/${token}/failure`);
  t.is(last.searchParams.get('reason'), 'install disk: it is "50 %" & more');
  t.regex(ends.at(-1)?.body ?? '', /line of the log/);
});

test('what is installed has not failed: its success is told when somebody listens', async (t) => {
  const { machine, calls, install, log } = await openLab(t, {
    ends: Array.from({ length: 5 }, () => 503),
    script: `: >/run/scree/installed
      kill "$(cat /run/scree/run.pid)"
      while [ -e /run/scree/run.pid ]; do sleep 1; done
      exit 1\n`,
  });
  await install();
  await machine.until('grep restarted /var/log/scree-install.log', limitMs);
  t.regex(await log(), /does not know of the end yet \(success\)[\s\S]*\ninstalled\nrestarted/);
  t.true(endsOf(calls()).every(({ url }) => url.includes('/success')));
});

test('an install that was ordered meanwhile ends the telling; without a token it waits', async (t) => {
  const stale = await openLab(t, {
    ends: [410],
    script: 'kill "$(cat /run/scree/run.pid)"; exit 1',
  });
  await stale.install();
  await stale.machine.until('grep restarted /var/log/scree-install.log', limitMs);
  t.is(endsOf(stale.calls()).length, 1);

  const unordered = await openLab(t, { arguments: 'quiet scree.frontend=http://10.77.0.1' });
  await unordered.install();
  const { machine } = unordered;
  await machine.until('grep "this machine waits here" /var/log/scree-install.log', limitMs);
  t.regex(await unordered.log(), /nobody has ordered an install of this machine/);
  t.notRegex(await unordered.log(), /restarted/);
});

test('a last script that cannot be fetched ends an install of Debian’s installer as failed', async (t) => {
  const { machine, calls } = await openLab(t, { ends: Array.from({ length: 5 }, () => 503) });
  const folder = await temporaryFolder(t);
  await writeFiles(folder, {
    'p.yaml': 'output: preseed\nos: o\ninclude: [one]\n',
    'fragments/one.late.sh': 'true\n',
  });
  const { text } = createProfiles({ folders: [folder] }).render(hostOf('p'), {
    frontend: '10.77.0.1',
    token,
    urls: {
      success: `http://10.77.0.1/installs/${token}/success`,
      failure: `http://10.77.0.1/installs/${token}/failure`,
      files: `http://10.77.0.1/kickstart/${token}/`,
    },
  });
  const command = /^d-i preseed\/late_command string (.*)$/m.exec(text)?.[1] ?? 'false';
  await writeFile(join(machine.root, 'late_command'), command);
  await machine.until('/opt/scree/say status', limitMs);
  await machine.run('sleep() { :; }; echo "last line" >/var/log/syslog; . /late_command');
  // Nobody but the hook tells it, and nobody hears it at first.
  await machine.run(
    'kill $(cat /run/scree/run.pid); while [ -e /run/scree/run.pid ]; do sleep 1; done',
  );
  await machine.run('mkdir /fast; ln -s /bin/true /fast/sleep');
  await machine.run('PATH=/fast:$PATH sh /usr/lib/finish-install.d/94scree');
  const ends = endsOf(calls());
  t.is(ends.length, 6);
  const { pathname, searchParams } = new URL(ends.at(-1)?.url ?? '', 'http://x');
  t.is(pathname, `/installs/${token}/failure`);
  t.is(searchParams.get('reason'), 'late.sh could not be fetched from the frontend');
  t.regex(ends.at(-1)?.body ?? '', /last line/);
});
