import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { readLeaseFile } from '../../src/frontend/dhcp/leases.ts';
import { type CrowdPlan, macOf } from '../support/dhcp-crowd-plan.ts';
import { createRack } from '../support/rack.ts';
import { startFrontend, writeConfig } from '../support/scree-processes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const hosts = [
  { name: 'frontend', ip: '10.89.0.1' },
  { name: 'relay', ip: '10.89.0.2' },
];
const crowdProgram = resolve('test/support/dhcp-crowd.ts');
const killCount = 6;

/** A frontend with room for many machines, and a relay agent that has them. */
async function setUp(t: ExecutionContext) {
  const rack = await createRack({ hosts });
  t.teardown(rack.remove);
  const [frontend, relay] = [rack.host('frontend'), rack.host('relay')];
  const folder = await temporaryFolder(t);
  const config = await writeConfig(frontend, folder);
  const range = '10.89.16.0-10.89.199.255';
  const settings = `mode: server, interface: eth0, unknown: address, range: ${range}`;
  await appendFile(config, `dhcp: { ${settings} }\n`);
  const path = join(folder, 'acknowledged');
  await writeFile(path, '');
  const crowd = (changed: Partial<CrowdPlan>) => {
    const ends = { server: frontend.ip, relay: relay.ip };
    const usual = { first: 0, count: 60_000, atOnce: 64, renewals: 1, release: false };
    const plan = { ...ends, ...usual, path, patienceMs: 15_000, ...changed };
    return relay.start([process.execPath, crowdProgram, JSON.stringify(plan)]);
  };
  return {
    start: () => startFrontend(frontend, config),
    crowd,
    acknowledged: () => readAcknowledged(path),
    leases: () => readLeaseFile(join(folder, 'state', 'leases')),
    folder,
  };
}

type Acknowledged = readonly { readonly mac: string; readonly address: string }[];

async function readAcknowledged(path: string): Promise<Acknowledged> {
  const lines = (await readFile(path, 'utf8')).split('\n');
  // The last one may be half there.
  return lines.slice(0, -1).map((line) => {
    const [mac = '', address = ''] = line.split(' ');
    return { mac, address };
  });
}

/** Who got an address that somebody else had got before, or a second one. */
function findDoubled(acknowledged: Acknowledged): readonly string[] {
  const [owners, addresses] = [new Map<string, string>(), new Map<string, string>()];
  return acknowledged.flatMap(({ mac, address }) => {
    const [owner, known] = [owners.get(address) ?? mac, addresses.get(mac) ?? address];
    owners.set(address, owner);
    addresses.set(mac, known);
    if (owner === mac && known === address) return [];
    return [`${address} of ${owner} to ${mac}, who had ${known}`];
  });
}

test('killed while it writes leases, it loses none and gives none twice', async (t) => {
  const { start, crowd, acknowledged, leases, folder } = await setUp(t);
  let frontend = await start();
  const machines = crowd({});
  const counts: number[] = [];
  for (let kill = 0; kill < killCount; kill += 1) {
    const before = counts.at(-1) ?? 0;
    while ((await acknowledged()).length < before + 200) await delay(20);
    await delay(Math.random() * 300);
    frontend.kill();
    await frontend.ended;
    const answered = await acknowledged();
    counts.push(answered.length);
    const kept = new Map((await leases()).leases.map((each) => [each.address, each.mac]));
    t.deepEqual(
      answered.filter(({ mac, address }) => kept.get(address) !== mac),
      [],
    );
    frontend = await start();
  }
  machines.kill();
  await machines.ended;
  const answered = await acknowledged();
  t.deepEqual(findDoubled(answered), []);
  t.log(`${killCount} kills, acknowledged before each: ${counts.join(', ')}`);

  // Each of the first ones asks as if it knew nothing any more.
  const path = join(folder, 'again');
  const again = crowd({ path, count: 400, renewals: 0 });
  await again.waitForLine(/^bound 400$/, 30_000);
  const first = new Map(answered.map(({ mac, address }) => [mac, address]));
  const macs = Array.from({ length: 400 }, (_, index) => macOf(index));
  const known = macs.filter((mac) => first.has(mac));
  t.true(known.length > 300, `${known.length} of the first 400 were bound before`);
  const now = new Map((await readAcknowledged(path)).map(({ mac, address }) => [mac, address]));
  t.deepEqual(
    known.filter((mac) => now.get(mac) !== first.get(mac)),
    [],
  );
});
