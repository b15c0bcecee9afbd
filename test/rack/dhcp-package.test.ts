import { appendFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createRack } from '../support/rack.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = [
  { name: 'frontend', ip: '10.90.0.1' },
  { name: 'machine', ip: '10.90.0.2' },
];
const [scree, program] = [resolve('scree'), resolve('test/support/dhcp-package-client.ts')];

/** The package hears what is sent to its own address only: the machine has it already. */
async function setUp(t: ExecutionContext) {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const [frontend, machine] = [rack.host('frontend'), rack.host('machine')];
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  const told = 'router: 10.90.0.1, dns: 10.90.0.1, domain: rack.local, ntp: 10.90.0.1, lease: 600';
  await appendFile(config, `dhcp: { mode: server, interface: eth0, ${told} }\n`);
  await startFrontend(frontend, config);
  await machine.run(['ip', 'route', 'add', '255.255.255.255', 'dev', 'eth0']);
  const { stdout } = await machine.run(['ip', '-oneline', 'link', 'show', 'eth0']);
  const mac = /link\/ether (\S+)/.exec(stdout)?.[1] ?? '';
  const control = (...args: readonly string[]) =>
    frontend.run([scree, ...args, '-c', config]).then((result) => result.stdout);
  await control('node', 'add', 'compute-0-0', '--mac', mac, '--ip', machine.ip);
  const start = (...how: readonly string[]) =>
    machine.start([process.execPath, program, mac, ...how]);
  return { start, control };
}

test('the client of the package dhcp is bound to its node’s address', async (t) => {
  const { start } = await setUp(t);
  const client = start('names-address');
  const { bound } = JSON.parse(await client.waitForLine(/"bound"/, 10_000));
  t.like(bound, { address: '10.90.0.2', server: '10.90.0.1' });
  t.is(bound.leasePeriod, 600);
  t.like(bound.options, {
    netmask: '255.255.0.0',
    broadcast: '10.90.255.255',
    router: ['10.90.0.1'],
    dns: ['10.90.0.1'],
    ntpServer: ['10.90.0.1'],
    domainName: 'rack.local',
    hostname: 'compute-0-0',
  });
  const heard = client.stdout.lines().map((line) => JSON.parse(line));
  t.like(heard[0], { type: 2, yiaddr: '10.90.0.2', file: '/install/sbin/kickstart.cgi' });
  t.like(heard[1], { type: 5, yiaddr: '10.90.0.2', siaddr: '10.90.0.1' });
});

test('its REQUEST as it writes it, without address and server, is refused with the reason', async (t) => {
  const { start, control } = await setUp(t);
  await start().waitForLine(/"type":2/, 10_000);
  let story = '';
  for (let turn = 0; turn < 20 && !story.includes('ignored'); turn += 1) {
    story = await control('node', 'events', 'compute-0-0');
  }
  t.regex(story, /ignored +.*a REQUEST that names no address/);
});
