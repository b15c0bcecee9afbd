import { appendFile, chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createRack, type RackHost } from '../support/rack.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = [
  { name: 'frontend', ip: '10.88.0.1' },
  { name: 'machine', ip: '10.88.0.2' },
];
const scree = resolve('scree');

/** A frontend that answers DHCP, and a machine on its wire that has no address yet. */
async function powerOn(t: ExecutionContext) {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const [frontend, machine] = [rack.host('frontend'), rack.host('machine')];
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  const settings = 'mode: server, interface: eth0, router: 10.88.0.1, domain: rack.local';
  await appendFile(config, `dhcp: { ${settings}, unknown: address, range: ${range} }\n`);
  await appendFile(config, 'tftp: { listen: "0.0.0.0:69" }\n');
  await startFrontend(frontend, config);
  await machine.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
  const { stdout } = await machine.run(['ip', '-oneline', 'link', 'show', 'eth0']);
  const mac = /link\/ether (\S+)/.exec(stdout)?.[1] ?? '';
  const control = (...args: readonly string[]) =>
    frontend.run([scree, ...args, '-c', config]).then((result) => result.stdout);
  return { folder, machine, mac, control };
}

const range = '10.88.200.1-10.88.200.50';

/** What udhcpc was told, by the names that its script sees; it takes the address, too. */
async function runUdhcpc(
  machine: RackHost,
  folder: string,
  flags: readonly string[] = [],
): Promise<Map<string, string>> {
  const [script, told] = [join(folder, 'udhcpc.sh'), join(folder, 'told')];
  const take = `ip addr add $ip/$mask dev $interface`;
  await writeFile(script, `#!/bin/sh\n[ "$1" = bound ] || exit 0\nenv >${told}\n${take}\n`);
  await chmod(script, 0o755);
  await machine.run([...['udhcpc', '-i', 'eth0', '-n', '-q', '-f'], '-s', script, ...flags]);
  const lines = (await readFile(told, 'utf8')).split('\n');
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

test('udhcpc gets its node’s address, and boots what its node boots', async (t) => {
  const { folder, machine, mac, control } = await powerOn(t);
  await control('node', 'add', 'compute-0-0', '--mac', mac, '--ip', '10.88.0.50');
  const told = await runUdhcpc(machine, folder);
  t.is(told.get('ip'), '10.88.0.50');
  t.is(told.get('router'), '10.88.0.1');
  t.is(told.get('domain'), 'rack.local');
  t.is(told.get('siaddr'), '10.88.0.1');
  t.is(told.get('boot_file'), '/install/sbin/kickstart.cgi');
  const name = `pxelinux.cfg/01-${mac.replaceAll(':', '-')}`;
  const fetchConfig = () => machine.run(['curl', '-sS', `tftp://10.88.0.1/${name}`]);
  t.regex((await fetchConfig()).stdout, /LOCALBOOT 0/);
  await control('node', 'boot', 'compute-0-0', 'install');
  const { stdout } = await fetchConfig();
  t.regex(stdout, /KERNEL debian\/linux/);
  t.regex(stdout, /url=http:\/\/10\.88\.0\.1\/kickstart\/1-[0-9a-f]{32}$/m);
  const story = await control('node', 'events', 'compute-0-0');
  for (const word of [/offer +10\.88\.0\.50/, /ack +10\.88\.0\.50/, /tftp +sent, pxelinux\.cfg/]) {
    t.regex(story, word);
  }
});

test('udhcpc is told its node’s own options, as they are when it asks', async (t) => {
  const { folder, machine, mac, control } = await powerOn(t);
  const option = (setting: string) => ['--option', setting];
  const routes = option('routes=10.9.0.0/16 via 10.88.0.254, default via 10.88.0.1');
  const own = [...option('mtu=1400'), ...option('domain=own.local'), ...routes];
  await control('node', 'add', 'compute-0-0', '--mac', mac, '--ip', '10.88.0.50', ...own);
  const wanted = ['-O', 'mtu', '-O', 'staticroutes'];
  const told = await runUdhcpc(machine, folder, wanted);
  t.is(told.get('mtu'), '1400');
  t.is(told.get('domain'), 'own.local');
  t.is(told.get('staticroutes'), '10.9.0.0/16 10.88.0.254 0.0.0.0/0 10.88.0.1');
  t.is(told.get('router'), '10.88.0.1');
  await control('node', 'set', 'compute-0-0', ...option('26=1280'), ...option('routes='));
  await machine.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
  const again = await runUdhcpc(machine, folder, wanted);
  t.is(again.get('mtu'), '1280');
  t.false(again.has('staticroutes'));
  t.is(again.get('domain'), 'own.local');
});

test('a machine that nobody knows gets an address of the range, and no boot file', async (t) => {
  const { folder, machine, mac, control } = await powerOn(t);
  const told = await runUdhcpc(machine, folder);
  t.regex(told.get('ip') ?? '', /^10\.88\.200\.([1-9]|[1-4]\d|50)$/);
  t.is(told.get('boot_file') ?? '', '');
  await machine.run(['curl', '-sS', '-o', join(folder, 'got'), 'http://10.88.0.1/boot/none']);
  const api = await machine.run(['curl', '-sS', 'http://10.88.0.1/api/v1/nodes']);
  t.regex(JSON.parse(api.stdout).error, /^expected an operator on this machine/);
  const tftp = machine.run(['curl', '-sS', 'tftp://10.88.0.1/pxelinux.cfg/default']);
  await t.throwsAsync(tftp, { message: /ended by 68/ });
  const story = await control('node', 'events', mac);
  const words = [
    /ack +10\.88\.200\./,
    /http +refused, none/,
    /tftp +refused, pxelinux\.cfg\/default/,
  ];
  for (const word of words) t.regex(story, word);
});

test('a node without an address of its own boots what it is to boot', async (t) => {
  const { folder, machine, mac, control } = await powerOn(t);
  await control('node', 'add', 'compute-0-0', '--mac', mac);
  await control('node', 'boot', 'compute-0-0', 'install');
  t.regex((await runUdhcpc(machine, folder)).get('ip') ?? '', /^10\.88\.200\./);
  const { stdout } = await machine.run(['curl', '-sS', 'tftp://10.88.0.1/pxelinux.cfg/default']);
  t.regex(stdout, /KERNEL debian\/linux/);
  t.regex(await control('node', 'events', 'compute-0-0'), /tftp +sent, pxelinux\.cfg\/default/);
});

test('isc-dhcp-client binds, renews by unicast, and gives its address back', async (t) => {
  const { folder, machine, mac, control } = await powerOn(t);
  await control('node', 'add', 'compute-0-1', '--mac', mac, '--ip', '10.88.0.51');
  const files = join(folder, 'dhclient');
  await mkdir(files);
  // Its script would write this machine's own resolv.conf.
  const settings = ['-sf', '/bin/true', '-lf', join(files, 'leases'), '-pf', join(files, 'pid')];
  const dhclient = (...args: readonly string[]) => machine.run(['dhclient', '-v', ...args]);
  const first = await dhclient('-1', ...settings, 'eth0');
  t.regex(first.stderr, /bound to 10\.88\.0\.51/);
  const again = await dhclient('-r', ...settings, 'eth0');
  t.regex(again.stderr, /DHCPRELEASE .*10\.88\.0\.1/);
  t.regex(await control('node', 'events', 'compute-0-1'), /ack +10\.88\.0\.51/);
});
