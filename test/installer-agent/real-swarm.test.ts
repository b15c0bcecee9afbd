import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startAgent } from '../../src/installer-agent/start-agent.ts';
import { encodeTorrent } from '../../src/protocol/metainfo.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createSwarmHost } from '../../src/swarm/swarm-host.ts';
import { createTracker } from '../../src/tracker/main.ts';
import { createOrigin, type Origin } from '../support/origin.ts';
import { bytesOf, makeKeys, makeSmallTree, type SmallTree } from '../support/small-tree.ts';
import { shortLimits } from '../support/test-agent.ts';

const keys = makeKeys();
const names = Array.from({ length: 60 }, (_, at) => `pool/p${at}.rpm`);
const files = Object.fromEntries(
  names.map((name, at) => [name, bytesOf(name, at % 7 === 0 ? 600_000 : 40_000 + at * 1_000)]),
);
const plain = makeSmallTree({ keys, files, pieceLengthBytes: 64 * 1024 });

test('agents install from each other: every byte right, most of them not the frontend\u2019s', async (t) => {
  const rack = await startRack(t, { seeded: true });
  const agents = await Promise.all([1, 2, 3, 4].map((number) => rack.addAgent(number)));
  await Promise.all(agents.map(({ base }) => install(t, base)));
  for (const { agent } of agents) {
    t.like(agent.status(), { fromSwarmBytes: plain.stream.length, fromFrontendBytes: 0 });
    t.is(agent.status().requestsInFlight, 0);
  }
  const counters = agents.flatMap(({ agent }) => agent.status().trees[0]?.counters ?? []);
  const fromPeers = counters.reduce((sum, each) => sum + each.receivedFromPeersBytes, 0);
  t.true(fromPeers > 2 * plain.stream.length, `${fromPeers / plain.stream.length} copies`);
});

test('where no peer has anything the frontend is read by ranges', async (t) => {
  const rack = await startRack(t, { seeded: false });
  const { agent, base } = await rack.addAgent(1);
  await install(t, base);
  t.true(rack.origin.log.some((line) => line.includes('pool/')));
  t.is(agent.status().fromFrontendBytes + agent.status().fromSwarmBytes, plain.stream.length);
});

test('when the frontend has stopped, an agent that has the tree feeds one that has not', async (t) => {
  const rack = await startRack(t, { seeded: true });
  const [full, fresh] = await Promise.all([1, 2].map((number) => rack.addAgent(number)));
  await install(t, full?.base ?? '');
  // Both have met by now, or do as soon as one asks.
  await fetch(`${fresh?.base}/install/lab/${names[0]}`).then((response) => response.arrayBuffer());
  await rack.stopFrontend();
  await install(t, fresh?.base ?? '');
  t.is(fresh?.agent.status().requestsFailed, 0);
});

async function install(t: ExecutionContext, base: string): Promise<void> {
  const queue = [...names];
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const response = await fetch(`${base}/install/lab/${name}`);
      const body = Buffer.from(await response.arrayBuffer());
      t.true(body.equals(files[name] ?? Buffer.alloc(0)), name);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

/** A stand-in frontend with a real tracker and, if asked for, a real seed. */
async function startRack(t: ExecutionContext, { seeded }: { readonly seeded: boolean }) {
  const folder = await mkdtemp(join(tmpdir(), 'scree-rack-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const { metainfo, stream } = plain;
  const { infohash } = metainfo;
  const tracker = createTracker(
    {
      log: silentLog,
      catalog: { has: (each) => each === infohash, nameOf: () => 'lab', list: () => [] },
    },
    { listen: { host: '127.0.0.1', port: 0 }, networks: ['127.0.0.0/8'], intervalSeconds: 1 },
  );
  await tracker.start();
  t.teardown(tracker.close);
  const seeder = await createSwarmHost(
    { log: silentLog },
    { listen: { host: '127.0.0.1', port: 0 }, uploadBytesPerSecond: 0 },
  );
  t.teardown(seeder.close);
  if (seeded) {
    const source = {
      read: async (at: number, length: number) => Buffer.from(stream.subarray(at, at + length)),
    };
    seeder.seed({ metainfo, source });
    tracker.addOwnSeed({ infohash, port: seeder.port, address: '127.0.0.1' });
  }
  const announce = `http://127.0.0.1:${tracker.port()}/announce`;
  const torrent = encodeTorrent(metainfo, { trackers: [announce], webSeeds: [] });
  const tree: SmallTree = { ...plain, torrent };
  const origin: Origin = await createOrigin([tree]);
  t.teardown(origin.stop);
  return {
    origin,
    stopFrontend: async () => {
      await Promise.all([origin.stop(), seeder.close(), tracker.close()]);
    },
    addAgent: async (number: number) => {
      const host = `127.0.0.${10 + number}`;
      const agent = await startAgent(
        {
          frontend: origin.url,
          listen: { host, port: 0 },
          swarm: { host, port: 0 },
          store: { folder: join(folder, String(number)), sizeBytes: 64 * 2 ** 20 },
          uploadBytesPerSecond: 0,
          key: keys.publicKey,
          limits: { ...shortLimits, swarmPatienceMs: 20_000, stallMs: 30_000 },
          version: 'test',
        },
        { log: silentLog },
      );
      t.teardown(agent.close);
      return { agent, base: `http://${host}:${agent.address.port}` };
    },
  };
}
