import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type Agent, startAgent } from '../../src/installer-agent/start-agent.ts';
import { encodeTorrent } from '../../src/protocol/metainfo.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createSwarmHost } from '../../src/swarm/swarm-host.ts';
import { createTracker } from '../../src/tracker/main.ts';
import { createOrigin } from './origin.ts';
import { until } from './raw-peer.ts';
import type { KeyPair, SmallTree } from './small-tree.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { shortLimits } from './test-agent.ts';

export type RackAgent = { readonly agent: Agent; readonly base: string };

/** A stand-in frontend with a real tracker and, if asked for, real seeds; gone with the test. */
export async function startAgentRack(
  t: ExecutionContext,
  options: {
    readonly keys: KeyPair;
    readonly trees: readonly SmallTree[];
    readonly seeded?: boolean;
    /** What the frontend sends at most; all unless given. */
    readonly uploadBytesPerSecond?: number;
  },
) {
  const { keys, trees, seeded = true, uploadBytesPerSecond = 0 } = options;
  const folder = await temporaryFolder(t);
  const infohashes = new Set(trees.map(({ metainfo }) => metainfo.infohash));
  const tracker = createTracker(
    {
      log: silentLog,
      catalog: { has: (each) => infohashes.has(each), nameOf: () => 'lab', list: () => [] },
    },
    { listen: { host: '127.0.0.1', port: 0 }, networks: ['127.0.0.0/8'], intervalSeconds: 1 },
  );
  await tracker.start();
  t.teardown(tracker.close);
  const seeder = await createSwarmHost(
    { log: silentLog },
    { listen: { host: '127.0.0.1', port: 0 }, uploadBytesPerSecond },
  );
  t.teardown(seeder.close);
  const seeds = (seeded ? trees : []).map(({ metainfo, stream }) => {
    tracker.addOwnSeed({ infohash: metainfo.infohash, port: seeder.port, address: '127.0.0.1' });
    const source = {
      read: async (at: number, length: number) => Buffer.from(stream.subarray(at, at + length)),
    };
    return seeder.seed({ metainfo, source });
  });
  const trackers = [`http://127.0.0.1:${tracker.port()}/announce`];
  const origin = await createOrigin(
    trees.map((tree) => ({
      ...tree,
      torrent: encodeTorrent(tree.metainfo, { trackers, webSeeds: [] }),
    })),
  );
  t.teardown(origin.stop);
  return {
    folder,
    origin,
    /** How many bytes of pieces have left the frontend. */
    sentBytes: () => seeds.reduce((sum, seed) => sum + seed.status().counters.sentBytes, 0),
    stopFrontend: async () => {
      await Promise.all([origin.stop(), seeder.close(), tracker.close()]);
    },
    /** Each on a loopback address of its own, made of its number. */
    addAgent: async (number: number, storeBytes = 64 * 2 ** 20): Promise<RackAgent> => {
      const host = `127.0.0.${10 + number}`;
      const agent = await startAgent(
        {
          frontend: origin.url,
          listen: { host, port: 0 },
          swarm: { host, port: 0 },
          store: { folder: join(folder, String(number)), sizeBytes: storeBytes },
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

/** Until each of these agents has found all others, and the frontend. */
export async function haveMet(agents: readonly RackAgent[]): Promise<void> {
  const count = ({ agent }: RackAgent) => agent.status().trees[0]?.peers?.length ?? 0;
  await until('all have met', () => agents.every((each) => count(each) >= agents.length), 60_000);
}

/** Fetches files as an installer does, a few at a time in this order, and compares every byte. */
export async function installFiles(
  t: ExecutionContext,
  { base, tree, names }: InstallPlan,
): Promise<void> {
  const queue = [...(names ?? tree.files.keys())];
  const worker = async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const response = await fetch(`${base}/install/${tree.name}/${name}`);
      const body = Buffer.from(await response.arrayBuffer());
      if (!body.equals(tree.files.get(name) ?? Buffer.alloc(0))) t.fail(`${base} ${name}`);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

export type InstallPlan = {
  readonly base: string;
  readonly tree: SmallTree;
  /** All of them, in the tree's order, unless given. */
  readonly names?: readonly string[];
};
