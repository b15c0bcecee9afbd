import { appendFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { createRack, type RackHost } from '../support/rack.ts';
import type { RackProcess } from '../support/rack-process.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = [
  { name: 'frontend', ip: '10.88.0.1' },
  { name: 'machine', ip: '10.88.0.2' },
  { name: 'rival', ip: '10.88.0.3' },
];
const scree = resolve('scree');

async function powerOn(t: ExecutionContext, dhcp: string) {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const [frontend, machine, rival] = hosts.map(({ name }) => rack.host(name));
  if (!frontend || !machine || !rival) throw new Error('expected three hosts');
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  await appendFile(config, `dhcp: { interface: eth0, ${dhcp} }\n`);
  await machine.run(['ip', 'addr', 'flush', 'dev', 'eth0']);
  const control = (...args: readonly string[]) =>
    frontend.run([scree, ...args, '-c', config]).then((result) => result.stdout);
  return { folder, config, frontend, machine, rival, control };
}

/** dnsmasq with its usual ping before an offer. */
async function startDnsmasq(host: RackHost, folder: string): Promise<void> {
  const program = host.start([
    ...['dnsmasq', '--keep-in-foreground', '--log-facility=-', '--conf-file=/dev/null'],
    ...['--port=0', '--user=root', '--interface=eth0', '--dhcp-authoritative'],
    '--dhcp-range=10.88.150.1,10.88.150.9,255.255.0.0,10m',
    `--dhcp-leasefile=${join(folder, 'dnsmasq.leases')}`,
    `--pid-file=${join(folder, 'dnsmasq.pid')}`,
  ]);
  await program.stderr.find(/DHCP, IP range/);
}

/** The first line of its log that matches, within 30 s. */
async function logged(program: RackProcess, pattern: RegExp): Promise<string> {
  const tooLate = delay(30_000, `nothing, but: ${program.stderr.lines().join(' | ')}`, {
    ref: false,
  });
  return Promise.race([program.stderr.find(pattern), tooLate]);
}

test('a second DHCP server is warned of at the start, and when a machine chooses it', async (t) => {
  const ground = await powerOn(t, 'mode: server, unknown: ignore');
  const { folder, config, frontend, machine, rival, control } = ground;
  await startDnsmasq(rival, folder);
  const program = await startFrontend(frontend, config);
  const warning = await logged(program, /another DHCP server answers here/);
  t.regex(warning, /10\.88\.0\.3/);
  t.regex(warning, /10\.88\.150\.\d/);
  t.deepEqual(JSON.parse(await control('node', 'events', '--json')), [], 'nobody’s story');

  await machine.run(['udhcpc', '-i', 'eth0', '-n', '-q', '-f', '-s', '/bin/true', '-T', '5']);
  t.regex(await logged(program, /another DHCP server was chosen/), /10\.88\.0\.3/);
});

type Finding = {
  readonly check: string;
  readonly level: string;
  readonly text: string;
};

async function examine(host: RackHost, config: string) {
  const program = host.start([scree, 'doctor', '--json', '-c', config]);
  const { code } = await program.ended;
  const { findings }: { readonly findings: readonly Finding[] } = JSON.parse(
    program.stdout.lines().join('\n'),
  );
  const levelsOf = (check: string) =>
    findings.filter((each) => each.check === check).map(({ level }) => level);
  return {
    code,
    levelsOf,
    textOf: (check: string) => findings.find((each) => each.check === check)?.text,
  };
}

test('doctor finds the second server, while the frontend runs and while it does not', async (t) => {
  const range = '10.88.200.1-10.88.200.9';
  const ground = await powerOn(t, `mode: server, unknown: address, range: ${range}`);
  const { folder, config, frontend, rival, control } = ground;
  const alone = await examine(frontend, config);
  t.deepEqual(alone.levelsOf('other DHCP server'), ['ok']);
  t.deepEqual(alone.levelsOf('dhcp.interface'), ['ok']);
  t.deepEqual(alone.levelsOf('loaders'), ['problem']);

  const program = await startFrontend(frontend, config);
  await startDnsmasq(rival, folder);
  const { code, levelsOf, textOf } = await examine(frontend, config);
  t.is(code, 1);
  t.deepEqual(levelsOf('other DHCP server'), ['problem']);
  t.regex(textOf('other DHCP server') ?? '', /^10\.88\.0\.3 \(it offers 10\.88\.150\.\d\) answers/);
  for (const check of ['http.listen', 'seed.listen', 'dhcp']) t.deepEqual(levelsOf(check), ['ok']);
  t.regex(textOf('dhcp') ?? '', /^UDP 67 on eth0 is used by the frontend that runs$/);
  t.regex(textOf('frontend') ?? '', new RegExp(`process ${program.pid}`));
  t.deepEqual(JSON.parse(await control('node', 'events', '--json')), [], 'nobody’s story');
});

test('doctor tells which program has a port', async (t) => {
  const { config, frontend } = await powerOn(t, 'mode: server');
  const script = "require('net').createServer().listen(80, () => console.log('there'))";
  const other = frontend.start([process.execPath, '-e', script]);
  await other.waitForLine(/there/, 20_000);
  const { code, textOf } = await examine(frontend, config);
  t.is(code, 1);
  t.regex(textOf('http.listen') ?? '', new RegExp(`taken by \\S+ \\(process ${other.pid}\\)`));
});

test('a proxy is warned of when nobody gives addresses', async (t) => {
  const { config, frontend } = await powerOn(t, 'mode: proxy');
  const program = await startFrontend(frontend, config);
  const warning = await logged(program, /no DHCP server gives addresses/);
  t.regex(warning, /dhcp\.mode: server/);
});

test('a server alone on its wire warns of nobody, and offers itself nothing', async (t) => {
  const range = '10.88.200.1-10.88.200.9';
  const ground = await powerOn(t, `mode: server, unknown: address, range: ${range}`);
  const { config, frontend, control } = ground;
  const program = await startFrontend(frontend, config);
  await delay(6_500);
  t.deepEqual(
    program.stderr.lines().filter((line) => /DHCP server|could not look/.test(line)),
    [],
  );
  t.deepEqual(JSON.parse(await control('node', 'events', '--json')), []);
});

test('a proxy beside a server is as it should be', async (t) => {
  const { folder, config, frontend, rival } = await powerOn(t, 'mode: proxy');
  await startDnsmasq(rival, folder);
  const program = await startFrontend(frontend, config);
  await delay(6_500);
  t.deepEqual(
    program.stderr.lines().filter((line) => /DHCP server|could not look/.test(line)),
    [],
  );
});
