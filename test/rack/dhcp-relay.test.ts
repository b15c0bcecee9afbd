import { appendFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createRack, type RackHost } from '../support/rack.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startUdhcpc } from '../support/udhcpc.ts';
import { joinByWire } from '../support/wire.ts';

const hosts = [
  { name: 'frontend', ip: '10.88.0.1' },
  { name: 'relay', ip: '10.88.0.2' },
  { name: 'machine', ip: '10.88.0.3' },
];
const scree = resolve('scree');
const network = { network: '10.89.0.0/16', range: '10.89.200.1-10.89.200.50', router: '10.89.0.1' };

/** A frontend, a relay agent's host beside it, and a machine on the wire behind that one. */
async function layOut(t: ExecutionContext) {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const [frontend, relay, machine] = [
    rack.host('frontend'),
    rack.host('relay'),
    rack.host('machine'),
  ];
  const mac = await joinByWire(relay, machine, { address: '10.89.0.1/16' });
  await relay.run(['sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward']);
  await frontend.run(['ip', 'route', 'add', network.network, 'via', relay.ip]);
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  const range = '10.88.200.1-10.88.200.50';
  const all = { mode: 'server', interface: 'eth0', range, unknown: 'address', networks: [network] };
  await appendFile(config, `dhcp: ${JSON.stringify(all)}\n`);
  await startFrontend(frontend, config);
  const control = (...args: readonly string[]) =>
    frontend.run([scree, ...args, '-c', config]).then(({ stdout }) => stdout);
  return { relay, machine, mac, folder, control };
}

/** What its first answer gave it; then it is made to renew, and gets the same. */
async function bindAndRenew(machine: RackHost, folder: string): Promise<string> {
  const udhcpc = await startUdhcpc(machine, { folder, device: 'eth1', tries: 20 });
  const line = await udhcpc.waitForLine(/lease of \S+ obtained/, 30_000);
  const address = /lease of (\S+) obtained/.exec(line)?.[1] ?? '';
  await machine.run(['sh', '-c', `until ip -o addr show eth1 | grep -q ${address}; do :; done`]);
  process.kill(udhcpc.pid, 'SIGUSR1');
  const again = `sending renew to server 10.88.0.1\nudhcpc: lease of ${address} obtained`;
  for (let turn = 0; turn < 200 && !udhcpc.stdout.lines().join('\n').includes(again); turn += 1) {
    await new Promise((done) => setTimeout(done, 50));
  }
  const told = udhcpc.stdout.lines().join('\n');
  return told.includes(again) ? address : told;
}

const dnsmasq = [
  ...['dnsmasq', '--conf-file=/dev/null', '--keep-in-foreground', '--pid-file=', '--user=root'],
  ...['--port=0', '--leasefile-ro', '--dhcp-relay=10.89.0.1,10.88.0.1'],
];
const dhcrelay = ['dhcrelay', '-4', '-d', '--no-pid', '-a', '-id', 'eth1'];
const ofRange = /^10\.89\.200\.([1-9]|[1-4]\d|50)$/;

test('behind dnsmasq as relay agent a machine gets an address of its own network', async (t) => {
  const { relay, machine, folder } = await layOut(t);
  relay.start(dnsmasq);
  t.regex(await bindAndRenew(machine, folder), ofRange);
});

test('behind dhcrelay, which adds option 82, a node gets its own address', async (t) => {
  const { relay, machine, mac, folder, control } = await layOut(t);
  await control('node', 'add', 'compute-1-0', '--mac', mac, '--ip', '10.89.0.50');
  const agent = relay.start([...dhcrelay, '-iu', 'eth0', '10.88.0.1']);
  t.is(await bindAndRenew(machine, folder), '10.89.0.50');
  t.regex(agent.stderr.lines().join('\n'), /Adding \d+-byte relay agent option/);
  const story = await control('node', 'events', 'compute-1-0');
  t.regex(story, /offer +10\.89\.0\.50.*ack +10\.89\.0\.50.*ack +10\.89\.0\.50/s);
});

test('behind dhcrelay with link selection the echoed option 82 leads back to the machine', async (t) => {
  const { relay, machine, folder } = await layOut(t);
  // It names itself by its address on the rack's side: of the machine's side only option 82 tells.
  const agent = relay.start([...dhcrelay, '-U', 'eth0', '10.88.0.1']);
  t.regex(await bindAndRenew(machine, folder), ofRange);
  t.regex(agent.stderr.lines().join('\n'), /BOOTREPLY giaddr: 10\.88\.0\.2/);
});

test('a frontend with a second interface gives addresses on its own only', async (t) => {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const [frontend, campus] = [rack.host('frontend'), rack.host('machine')];
  const inRack = rack.host('relay');
  const mac = await joinByWire(frontend, campus, { address: '10.89.0.1/16' });
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  const settings = { mode: 'server', interface: 'eth0', unknown: 'address' };
  const range = '10.88.200.1-10.88.200.50';
  await appendFile(config, `dhcp: ${JSON.stringify({ ...settings, range })}\n`);
  await startFrontend(frontend, config);
  await inRack.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
  const outside = await startUdhcpc(campus, { folder, device: 'eth1', tries: 4 });
  const inside = await startUdhcpc(inRack, { folder, device: 'eth0', tries: 20 });
  await inside.waitForLine(/lease of 10\.88\.200\.\d+ obtained/, 30_000);
  await outside.waitForLine(/no lease, failing/, 30_000);
  const { stdout } = await frontend.run([scree, 'node', 'events', '-c', config]);
  t.false(stdout.includes(mac), stdout);
});
