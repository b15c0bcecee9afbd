import { appendFile, chmod, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createRack, type RackHost } from '../support/rack.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const scree = resolve('scree');
const pxeClass = 'PXEClient:Arch:00000:UNDI:002001';
const machineNames = ['one', 'two', 'three', 'four'];
const hosts = [
  { name: 'frontend', ip: '10.88.0.1' },
  ...machineNames.map((name, at) => ({ name, ip: `10.88.0.${at + 101}` })),
];
const macOf = (at: number) => `02:00:00:00:00:0${at + 1}`;

/** A frontend, and machines on its wire that nobody knows. */
async function powerOn(
  t: ExecutionContext,
  unknown: 'ignore' | 'discover' | 'address',
  mode: 'server' | 'proxy' = 'server',
) {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const frontend = rack.host('frontend');
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  const range = unknown === 'address' ? ', range: 10.88.200.1-10.88.200.9' : '';
  const said = `mode: ${mode}, interface: eth0, unknown: ${unknown}${range}`;
  await appendFile(config, `dhcp: { ${said} }\ntftp: { listen: "0.0.0.0:69" }\n`);
  const machines = machineNames.map((name) => rack.host(name));
  for (const [at, machine] of machines.entries()) {
    await machine.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
    await machine.run(['ip', 'link', 'set', 'eth0', 'address', macOf(at)]);
  }
  const program = await startFrontend(frontend, config);
  const control = (...args: readonly string[]) =>
    frontend.run([scree, ...args, '-c', config]).then((result) => result.stdout);
  const discover = async (...args: readonly string[]) => {
    const started = frontend.start([scree, 'discover', ...args, '-c', config]);
    await started.waitForLine(/Ctrl-C ends this/, 20_000);
    return started;
  };
  const switchOn = (at: number, flags?: readonly string[]) => {
    const machine = machines[at];
    if (machine === undefined) throw new Error(`expected machine ${at}`);
    return askForAddress(machine, folder, flags);
  };
  return { program, control, discover, switchOn, machines, frontend };
}

const asFirmware = ['-V', pxeClass];

/** The address and boot file that udhcpc is given; `none` when nobody answers. */
async function askForAddress(
  machine: RackHost,
  folder: string,
  flags: readonly string[] = asFirmware,
): Promise<string> {
  const [script, told] = [join(folder, `${machine.name}.sh`), join(folder, `${machine.name}.told`)];
  const take = 'ip addr add $ip/$mask dev $interface';
  const lines = ['#!/bin/sh', '[ "$1" = bound ] || exit 0', `echo $ip $boot_file >${told}`, take];
  await writeFile(script, `${lines.join('\n')}\n`);
  await writeFile(told, 'none');
  await chmod(script, 0o755);
  const asking = ['udhcpc', '-i', 'eth0', '-n', '-q', '-f', '-t', '3', '-T', '2', '-s', script];
  await machine.run([...asking, ...flags]).catch(() => {});
  return (await readFile(told, 'utf8')).trim();
}

test('machines become nodes in the order in which they are switched on', async (t) => {
  const { control, discover, switchOn, machines } = await powerOn(t, 'ignore');
  t.is(await switchOn(2), 'none', 'nobody discovers yet');
  const discovery = await discover('--rack', '0', '--role', 'compute');
  t.is(await switchOn(2), '10.88.0.2 pxelinux.0');
  const kickstart = 'http://10.88.0.1/install/sbin/kickstart.cgi?arch=x86_64';
  await control('attr', 'set', '--role', 'compute', 'profile=debian12');
  await machines[2]?.run(['curl', '-sS', '--fail-with-body', kickstart]);
  await discovery.waitForLine(/^\(\*\) compute-0-0 +has fetched its kickstart/, 20_000);
  t.is(await switchOn(0), '10.88.0.3 pxelinux.0');
  t.is(await switchOn(3, []), 'none', 'it does not boot from the network');
  t.is(await switchOn(1), '10.88.0.4 pxelinux.0');
  const { code } = await discovery.stop();
  t.is(code, 0);
  const lines = discovery.stdout.lines();
  t.deepEqual(
    lines.filter((line) => line.startsWith('( )')).map((line) => line.split(/\s+/).slice(2, 5)),
    [
      ['compute-0-0', macOf(2), '10.88.0.2'],
      ['compute-0-1', macOf(0), '10.88.0.3'],
      ['compute-0-2', macOf(1), '10.88.0.4'],
    ],
  );
  t.true(lines.some((line) => line.includes(`${macOf(3)} left alone, not-netbooting`)));
  t.is(lines.at(-1), '3 machines discovered, 1 fetched their kickstarts, 1 machine left alone');
  t.regex(await control('node', 'list'), /compute-0-2 +10\.88\.0\.4 .* install +install/);
  t.regex(await control('node', 'events', 'compute-0-0'), /discovered +02:00:00:00:00:03 asked/);
  t.is(await switchOn(3), 'none', 'it has ended');
});

test('who squats on an address is not in the way, and a killed command ends it', async (t) => {
  const { control, discover, switchOn, machines } = await powerOn(t, 'address');
  await machines[3]?.run(['ip', 'addr', 'add', '10.88.0.2/16', 'dev', 'eth0']);
  t.regex(await switchOn(0), /^10\.88\.200\.\d$/);
  await machines[0]?.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
  const discovery = await discover('--rack', '1', '--role', 'compute', '--boot', 'os');
  t.is(await switchOn(0), '10.88.0.3 pxelinux.0');
  t.regex(await control('node', 'show', 'compute-1-0'), /boots +os/);
  discovery.kill();
  await discovery.ended;
  t.regex(await switchOn(1), /^10\.88\.200\.\d$/);
  t.notRegex(await control('node', 'list'), /compute-1-1/);
});

test('beside another server a machine becomes a node, and is told what to boot at once', async (t) => {
  const { control, discover, switchOn } = await powerOn(t, 'ignore', 'proxy');
  const discovery = await discover('--rack', '0', '--role', 'compute', '--count', '1');
  t.is(await switchOn(0), 'none', 'no address comes from here');
  t.is((await discovery.ended).code, 0);
  t.regex(await control('node', 'list'), /compute-0-0 +– .* install +install/);
  const story = await control('node', 'events', 'compute-0-0');
  t.regex(story, /discovered .*\n.*proxy-offer/);
});

test('a machine takes the place of one whose board was swapped', async (t) => {
  const { control, discover, switchOn, machines } = await powerOn(t, 'discover');
  await control('node', 'add', 'compute-0-3', '--mac', macOf(0), '--ip', '10.88.0.50');
  t.is(await switchOn(0), '10.88.0.50 pxelinux.0');
  await machines[0]?.run(['ip', 'link', 'set', 'eth0', 'down']);
  const discovery = await discover('--replace', 'compute-0-3');
  t.is(await switchOn(1), '10.88.0.50 pxelinux.0');
  t.is((await discovery.ended).code, 0);
  t.true(discovery.stdout.lines().some((line) => /compute-0-3 .* in the place of/.test(line)));
  t.regex(
    await control('node', 'show', 'compute-0-3'),
    /boots +install[\s\S]*mac +02:00:00:00:00:02/,
  );
});
