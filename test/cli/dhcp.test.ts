import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { temporaryFolder } from '../support/temporary-folder.ts';

// One after the other: each starts programs, and all at once they would only wait for a core.
const scree = resolve('scree');
const range = 'range: 127.1.0.1-127.1.0.9';

async function setUp(t: ExecutionContext, dhcp: string) {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'scree.yaml');
  await writeFile(config, `state: state\nhttp: { listen: ":8080" }\ndhcp: { ${dhcp} }\n`);
  const run = (...args: readonly string[]) => ended([...args, '-c', config]);
  return { run, state: join(folder, 'state') };
}

async function ended(args: readonly string[]) {
  const child = spawn(scree, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise<number | null>((done) => child.once('close', done));
  const [code, stdout, stderr] = await Promise.all([
    closed,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

async function addNode(t: ExecutionContext, run: Run, ...args: readonly string[]): Promise<void> {
  t.is((await run('node', 'add', ...args)).code, 0);
}

type Run = Awaited<ReturnType<typeof setUp>>['run'];

for (const mode of ['server', 'off', 'proxy']) {
  test.serial(`with mode ${mode}, each server is told the network`, async (t) => {
    const { run, state } = await setUp(t, `mode: ${mode}, interface: lo, ${range}, lease: 600`);
    const dnsmasq = await run('dhcp', 'export', '--format', 'dnsmasq');
    t.regex(dnsmasq.stdout, /^dhcp-range=set:net0,127\.1\.0\.1,127\.1\.0\.9,255\.0\.0\.0,600$/m);
    const isc = await run('dhcp', 'export', '--format', 'isc');
    t.regex(isc.stdout, /^subnet 127\.0\.0\.0 netmask 255\.0\.0\.0 \{$/m);
    t.regex(isc.stdout, /^ *range 127\.1\.0\.1 127\.1\.0\.9;$/m);
    const kea = await run('dhcp', 'export', '--format', 'kea');
    const { Dhcp4 } = JSON.parse(kea.stdout.replaceAll(/^\/\/.*$/gm, ''));
    t.like(Dhcp4.subnet4[0], { subnet: '127.0.0.0/8', 'valid-lifetime': 600 });
    for (const { code, stderr } of [dnsmasq, isc, kea]) t.deepEqual([code, stderr], [0, '']);
    t.false(existsSync(state), 'to look makes no state folder');
  });
}

test.serial('nodes whose address is in no network are named', async (t) => {
  const { run } = await setUp(t, `interface: lo, ${range}`);
  await addNode(t, run, 'compute-0-0', '--mac', '52:54:00:00:00:01');
  await addNode(t, run, 'compute-0-1', '--mac', '52:54:00:00:00:02', '--ip', '10.9.9.9');
  const { code, stdout, stderr } = await run('dhcp', 'export', '--format', 'dnsmasq');
  t.is(code, 0);
  t.regex(stdout, /^dhcp-host=52:54:00:00:00:01,.*,compute-0-0$/m);
  t.notRegex(stdout, /52:54:00:00:00:02/);
  t.is(
    stderr,
    'scree: compute-0-1 is left out: expected an address in 127.0.0.0/8, got 10.9.9.9\n',
  );
});

const noInterface = /dhcp\.interface: expected the interface to export for, such as eth1, got none/;
const noRange = /dhcp\.range: expected a range such as \S+, or nodes with addresses/;
for (const [dhcp, message] of [
  ['mode: off', new RegExp(`^scree: ${noInterface.source}\nscree: ${noRange.source}\n$`)],
  [`mode: off, ${range}`, new RegExp(`^scree: ${noInterface.source}\n$`)],
  ['mode: off, interface: lo', new RegExp(`^scree: ${noRange.source}\n$`)],
  [
    `interface: none-such, ${range}`,
    /^scree: .*scree\.yaml:3:20: dhcp\.interface: .*, got 'none-such': no such/,
  ],
  [
    'interface: lo, range: 10.0.0.1-10.0.0.9',
    /^scree: .*scree\.yaml:3:31: dhcp\.range: expected a range of hosts in 127/,
  ],
  ['mode: of', /^scree: .*scree\.yaml:3:\d+: dhcp\.mode: expected server, proxy or off/],
] as const) {
  test.serial(`{ ${dhcp} } is refused with 1, and told why`, async (t) => {
    const { run } = await setUp(t, dhcp);
    const { code, stdout, stderr } = await run('dhcp', 'export', '--format', 'kea');
    t.is(code, 1);
    t.is(stdout, '');
    t.regex(stderr, message);
  });
}

test.serial('wrong arguments are refused with 2; help is given with 0', async (t) => {
  const { run } = await setUp(t, '');
  const wrong = [
    [['export'], /^scree: expected --format <server>, got none; see .*\n$/],
    [
      ['export', '--format', 'bind'],
      /^scree: --format: expected one of dnsmasq, isc, kea, got 'bind'; see .*\n$/,
    ],
    [['import'], /^scree: expected a command, got 'import'.*; see 'scree dhcp --help'\n$/],
  ] as const;
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = await run('dhcp', ...args);
    t.is(code, 2, args.join(' '));
    t.is(stdout, '');
    t.regex(stderr, message);
  }
  const help = await ended(['dhcp', 'export', '--help']);
  t.is(help.code, 0);
  t.regex(help.stdout, /--format <server> .*"dnsmasq",\s+"isc",\s+"kea"/s);
});
