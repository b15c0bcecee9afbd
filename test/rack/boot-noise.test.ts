import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import type { NoisePlan } from '../support/boot-noise-plan.ts';
import { type CrowdPlan, macOf } from '../support/dhcp-crowd-plan.ts';
import { createRack } from '../support/rack.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = [
  { name: 'frontend', ip: '10.91.0.1' },
  { name: 'others', ip: '10.91.0.2' },
];
const scree = resolve('scree');
const [noiseProgram, crowdProgram] = ['boot-noise', 'dhcp-crowd'].map((name) =>
  resolve(`test/support/${name}.ts`),
);
const node = process.execPath;

/** A frontend with DHCP and TFTP, and a machine that good and bad clients are on. */
async function setUp(t: ExecutionContext, dhcp: string) {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const [frontend, others] = [rack.host('frontend'), rack.host('others')];
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  await appendFile(config, `dhcp: { interface: eth0, unknown: address, ${dhcp} }\n`);
  await appendFile(config, 'tftp: { listen: "0.0.0.0:69" }\n');
  const general = join(folder, 'state', 'tftpboot');
  await mkdir(general, { recursive: true });
  await writeFile(join(general, 'pxelinux.0'), Buffer.alloc(40_000, 'x'));
  const program = await startFrontend(frontend, config);
  const seed = Date.now();
  const noise = async (plan: Partial<NoisePlan> & Pick<NoisePlan, 'kind' | 'ports'>) => {
    const whole = { seed, server: frontend.ip, count: 6_000, burst: 10, ...plan };
    await others.run([node, noiseProgram ?? '', JSON.stringify(whole)]);
  };
  const crowd = async (plan: Partial<CrowdPlan>) => {
    const ends = { server: frontend.ip, relay: others.ip, path: join(folder, 'acknowledged') };
    const usual = { first: 0, count: 20, atOnce: 20, renewals: 0, release: false };
    const whole = { ...ends, ...usual, patienceMs: 10_000, ...plan };
    const { stdout } = await others.run([node, crowdProgram ?? '', JSON.stringify(whole)]);
    return Number(stdout.replace('bound ', ''));
  };
  const fetchFile = (path: string) =>
    others.run(['curl', '-sS', '--path-as-is', '--globoff', `tftp://${frontend.ip}/${path}`]);
  const metrics = async () => {
    const { stdout } = await others.run(['curl', '-sS', `http://${frontend.ip}/metrics`]);
    return new Map(stdout.split('\n').map((line) => [line.replace(/ \S+$/, ''), numberOf(line)]));
  };
  const story = (machine: string) =>
    frontend.run([scree, 'node', 'events', machine, '-c', config]).then(({ stdout }) => stdout);
  return { program, seed, noise, crowd, fetchFile, metrics, story };
}

const numberOf = (line: string) => Number(line.split(' ').at(-1));
const dropped = (reason: string) => `scree_dhcp_dropped_total{reason="${reason}"}`;
const tftpDropped = (reason: string) => `scree_tftp_dropped_total{reason="${reason}"}`;

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/**
 * Rounds after which nothing may have grown, behind one to fill what may be filled. What the collector
 * has left lying about grows at first, too: only what goes on growing is kept.
 */
async function staysFlat(t: ExecutionContext, pid: number, round: () => Promise<void>) {
  await round();
  let grownBytes = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 3 && grownBytes >= 40e6; turn += 1) {
    const before = await residentBytes(pid);
    for (let times = 0; times < 3; times += 1) await round();
    grownBytes = (await residentBytes(pid)) - before;
    t.log(`${Math.round(before / 1e6)} MB, then ${Math.round(grownBytes / 1e6)} MB more`);
  }
  t.true(grownBytes < 40e6, `${grownBytes} bytes more`);
}

test('any bytes to 67 and 69 are dropped with a reason; good machines are served after', async (t) => {
  const range = '10.91.200.1-10.91.200.250';
  const { program, seed, noise, crowd, fetchFile, metrics } = await setUp(
    t,
    `mode: server, range: ${range}`,
  );
  await staysFlat(t, program.pid, async () => {
    await noise({ kind: 'dhcp', ports: [67] });
    await noise({ kind: 'tftp', ports: [69], count: 3_000 });
  });
  t.is(await crowd({}), 20, `seed ${seed}`);
  t.is((await fetchFile('pxelinux.0')).stdout.length, 40_000);
  const counts = await metrics();
  for (const name of ['malformed', 'bad-mac', 'not-a-request', 'flood', 'not-ours'].map(dropped)) {
    t.true((counts.get(name) ?? 0) > 10, `${name} ${counts.get(name)}, seed ${seed}`);
  }
  t.is(counts.get(dropped('failed')) ?? 0, 0, program.stderr.lines().slice(-5).join('\n'));
  for (const name of ['malformed', 'unexpected'].map(tftpDropped)) {
    t.true((counts.get(name) ?? 0) > 100, `${name} ${counts.get(name)}, seed ${seed}`);
  }
  t.true((counts.get('scree_tftp_transfers_total{outcome="refused"}') ?? 0) > 100);
});

test('any bytes to 67 and 4011 of a proxy are dropped with a reason', async (t) => {
  const { program, seed, noise, metrics } = await setUp(t, 'mode: proxy');
  await staysFlat(t, program.pid, () => noise({ kind: 'dhcp', ports: [67, 4011] }));
  const counts = await metrics();
  t.true((counts.get(dropped('malformed')) ?? 0) > 1_000, `seed ${seed}`);
  t.is(counts.get(dropped('failed')) ?? 0, 0, program.stderr.lines().slice(-5).join('\n'));
});

test('transfers of clients that have gone are given up, and leave nothing open', async (t) => {
  const { seed, noise, metrics } = await setUp(t, 'mode: "off"');
  await noise({ kind: 'tftp', ports: [69] });
  const running = async () => (await metrics()).get('scree_tftp_transfers_running');
  for (let turn = 0; turn < 60 && (await running()) !== 0; turn += 1) await delay(250);
  t.is(await running(), 0, `seed ${seed}`);
});

test('a flood of one machine keeps no other from its address', async (t) => {
  const range = '10.91.200.1-10.91.200.250';
  const { program, noise, crowd, metrics } = await setUp(t, `mode: server, range: ${range}`);
  const flood = () => noise({ kind: 'flood', ports: [67], count: 20_000, burst: 20 });
  await Promise.all([
    staysFlat(t, program.pid, flood),
    crowd({ count: 200 }).then((boundCount) => t.is(boundCount, 200)),
  ]);
  const floodCount = (await metrics()).get(dropped('flood')) ?? 0;
  t.true(floodCount > 40_000, `${floodCount} were dropped for it`);
});

test('an exhausted range is told in the log and the story, and ends with a RELEASE', async (t) => {
  const range = '10.91.200.1-10.91.200.5';
  const { program, crowd, metrics, story } = await setUp(t, `mode: server, range: ${range}`);
  t.is(await crowd({ count: 8, patienceMs: 1_500 }), 5);
  t.true(((await metrics()).get(dropped('range-exhausted')) ?? 0) >= 3);
  const told = program.stderr.lines().filter((line) => line.includes('no address to give'));
  t.is(told.length, 1, 'once a minute, not with each packet');
  const text = `all addresses from ${range.replace('-', ' to ')} are taken`;
  t.true(told[0]?.includes(text), told[0]);
  const stories = await Promise.all(Array.from({ length: 8 }, (_, index) => story(macOf(index))));
  t.is(stories.filter((each) => each.includes(text)).length, 3);
  t.is(await crowd({ count: 8, patienceMs: 1_500, release: true }), 8);
});
