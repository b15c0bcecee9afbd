import { join } from 'node:path';
import type { RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { longestWaitMs, type Stage, type StartedSystem, type WaitingNode } from './system.ts';
import { prepareTorrent, type TorrentOnStage } from './torrent.ts';

/** Where a client runs, and what it works on. */
export type ClientPlace = {
  readonly host: RackHost;
  readonly torrentPath: string;
  /** That holds the tree, or is to hold it. */
  readonly folder: string;
};

/** A BitTorrent client as programs: one that seeds, and one that fetches and goes on seeding. */
export type TorrentClient = {
  readonly seed: (at: ClientPlace) => readonly string[];
  readonly fetch: (at: ClientPlace) => readonly string[];
  /** What they print when they seed, wait for the start, and have everything. */
  readonly seeds: RegExp;
  /** Undefined: it is not started before. */
  readonly waits: RegExp | undefined;
  readonly isDone: RegExp;
};

/** The client on the frontend with all of the tree, and on every node with nothing. */
export async function startTorrentClients(
  stage: Stage,
  client: TorrentClient,
): Promise<StartedSystem> {
  const torrent = await prepareTorrent(stage);
  const { frontend } = stage;
  const from = { host: frontend, torrentPath: torrent.path, folder: torrent.seedFolder };
  const seed = frontend.start(client.seed(from));
  await seed.waitForLine(client.seeds, 30_000);
  const peers = stage.nodes.map((node) => startPeer(stage, node, { client, torrent }));
  const { waits } = client;
  if (waits !== undefined) {
    await Promise.all(peers.map(({ process }) => process.waitForLine(waits, 60_000)));
  }
  return {
    nodes: peers.map((peer) => peer.node),
    frontendProcesses: [seed, torrent.tracker],
    agentProcesses: peers.map((peer) => peer.process),
    clientProcesses: [],
    countSentBytes: undefined,
  };
}

function startPeer(
  stage: Stage,
  host: RackHost,
  { client, torrent }: { readonly client: TorrentClient; readonly torrent: TorrentOnStage },
): { readonly node: WaitingNode; readonly process: RackProcess } {
  const folder = join(stage.folder, `${host.name}-torrent`);
  const process = host.start(client.fetch({ host, torrentPath: torrent.path, folder }), {
    held: client.waits === undefined ? 'by-shell' : 'by-program',
  });
  return {
    process,
    node: {
      name: host.name,
      copyFolder: join(folder, torrent.name),
      release: async () => process.release(),
      done: process.waitForLine(client.isDone, longestWaitMs).then(() => {}),
      firstByteSeconds: () => [],
    },
  };
}
