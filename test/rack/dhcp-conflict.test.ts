import { appendFile, chmod, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createRack, type RackHost } from '../support/rack.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = [
  { name: 'frontend', ip: '10.88.0.1' },
  { name: 'machine', ip: '10.88.0.2' },
  { name: 'squatter', ip: '10.88.0.3' },
];
const scree = resolve('scree');
const mac = '02:00:00:00:00:07';
const squatterMac = '02:00:00:00:00:99';
/** The last that this machine would be offered, by its MAC address. */
const free = '10.88.200.3';
const range = [1, 2, 3, 4].map((at) => `10.88.200.${at}`);

const narrow = `, range: ${range[0]}-${range[3]}`;

/** A frontend, a machine without an address, and one that has addresses which nobody gave it. */
async function powerOn(
  t: ExecutionContext,
  used: readonly string[],
  settings = narrow,
  others = '',
) {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const [frontend, machine, squatter] = hosts.map(({ name }) => rack.host(name));
  if (!frontend || !machine || !squatter) throw new Error('expected three hosts');
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  const said = `mode: server, interface: eth0, unknown: address${settings}`;
  await appendFile(config, `dhcp: { ${said} }\n${others}`);
  await machine.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
  await machine.run(['ip', 'link', 'set', 'eth0', 'address', mac]);
  await squatter.run(['ip', 'link', 'set', 'eth0', 'address', squatterMac]);
  for (const address of used) {
    await squatter.run(['ip', 'addr', 'add', `${address}/16`, 'dev', 'eth0']);
  }
  const program = await startFrontend(frontend, config);
  const control = (...args: readonly string[]) =>
    frontend.run([scree, ...args, '-c', config]).then((result) => result.stdout);
  const warnings = () => program.stderr.lines().filter((line) => line.includes('address in use'));
  return { folder, frontend, machine, squatter, control, warnings };
}

/** The address that udhcpc is given, without taking it. */
async function askForAddress(machine: RackHost, folder: string): Promise<string> {
  const [script, told] = [join(folder, 'udhcpc.sh'), join(folder, 'told')];
  await writeFile(script, `#!/bin/sh\n[ "$1" = bound ] || exit 0\necho $ip >${told}\n`);
  await chmod(script, 0o755);
  await machine.run(['udhcpc', '-i', 'eth0', '-n', '-q', '-f', '-s', script]);
  return (await readFile(told, 'utf8')).trim();
}

test('an address that somebody answers for is given to nobody', async (t) => {
  const used = range.filter((address) => address !== free);
  const { folder, frontend, machine, control, warnings } = await powerOn(t, used);
  // What is only remembered of an address, or was put there, is no answer.
  const neighbour = ['lladdr', squatterMac, 'dev', 'eth0', 'nud', 'permanent'];
  await frontend.run(['ip', 'neigh', 'add', free, ...neighbour]);
  t.is(await askForAddress(machine, folder), free);
  t.true(warnings().length > 0);
  for (const line of warnings()) t.true(line.includes(squatterMac), line);
  const story = await control('node', 'events', mac);
  t.regex(story, /in-use +10\.88\.200\.[124] is used by 02:00:00:00:00:99/);
  t.regex(story, /offer +10\.88\.200\.3/);
});

test('a node whose own address somebody uses gets another one, and its story says why', async (t) => {
  const { folder, machine, control, warnings } = await powerOn(t, ['10.88.0.50']);
  await control('node', 'add', 'compute-0-0', '--mac', mac, '--ip', '10.88.0.50');
  t.true(range.includes(await askForAddress(machine, folder)));
  t.is(warnings().length, 1);
  const story = await control('node', 'events', 'compute-0-0');
  t.regex(story, /in-use +10\.88\.0\.50 is used by 02:00:00:00:00:99/);
});

test('a machine that already answers for its own address is given it', async (t) => {
  const { folder, machine, control, warnings } = await powerOn(t, []);
  await control('node', 'add', 'compute-0-0', '--mac', mac, '--ip', '10.88.0.50');
  await machine.run(['ip', 'addr', 'add', '10.88.0.50/16', 'dev', 'eth0']);
  t.is(await askForAddress(machine, folder), '10.88.0.50');
  t.deepEqual(warnings(), []);
});

test('a machine that was given a node’s address by hand gets nothing of the node', async (t) => {
  const tftp = 'tftp: { listen: "10.88.0.1:69" }\n';
  const { machine, squatter, control } = await powerOn(t, ['10.88.0.50'], narrow, tftp);
  await control('node', 'add', 'compute-0-0', '--mac', mac, '--ip', '10.88.0.50');
  await control('node', 'boot', 'compute-0-0', 'install');
  const fetch = async (host: RackHost, url: string) => {
    const curl = [
      'curl',
      '-s',
      '-m',
      '20',
      '--interface',
      '10.88.0.50',
      '-w',
      '\n%{http_code}',
      url,
    ];
    const { stdout } = await host.run(['sh', '-c', '"$@" || :', 'sh', ...curl]);
    const lines = stdout.trim().split('\n');
    return { text: lines.slice(0, -1).join('\n'), status: Number(lines.at(-1)) };
  };
  // TFTP first: nothing was said to it yet, it has only asked who the frontend is.
  const config = 'tftp://10.88.0.1/pxelinux.cfg/01-02-00-00-00-00-07';
  t.is((await fetch(squatter, config)).text, '');
  for (const path of ['/boot/boot.ipxe', '/install/sbin/kickstart.cgi']) {
    const { status, text } = await fetch(squatter, `http://10.88.0.1${path}`);
    t.is(status, 404, text);
  }
  t.regex(await control('node', 'list'), /compute-0-0 .* install/);
  const story = await control('node', 'events', squatterMac);
  t.regex(story, /kickstart +refused/);
  // The node itself, at the same address.
  await squatter.run(['ip', 'addr', 'del', '10.88.0.50/16', 'dev', 'eth0']);
  await machine.run(['ip', 'addr', 'add', '10.88.0.50/16', 'dev', 'eth0']);
  const own = await fetch(machine, config);
  t.regex(own.text, /^DEFAULT install$/m);
  t.is((await fetch(machine, 'http://10.88.0.1/install/sbin/kickstart.cgi')).status, 200);
});

test('with dhcp.probe: false nobody is asked', async (t) => {
  const { folder, machine, control, warnings } = await powerOn(
    t,
    ['10.88.0.50'],
    `${narrow}, probe: false`,
  );
  await control('node', 'add', 'compute-0-0', '--mac', mac, '--ip', '10.88.0.50');
  t.is(await askForAddress(machine, folder), '10.88.0.50');
  t.deepEqual(warnings(), []);
});

test('a thousand machines switched on at once are bound while addresses are asked about', async (t) => {
  const wide = ', range: 10.88.100.1-10.88.110.254';
  const used = ['10.88.100.1', '10.88.105.5', '10.88.110.9'];
  const { machine } = await powerOn(t, used, wide);
  const program = resolve('test/support/dhcp-power-on.ts');
  const { stdout } = await machine.run([process.execPath, program, 'eth0', '1000']);
  t.log(stdout);
  t.like(JSON.parse(stdout), { boundCount: 1000, addressCount: 1000 });
});
