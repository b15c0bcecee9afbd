import { join } from 'node:path';
import type { RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { longestWaitMs, type Stage, type System, type WaitingNode } from './system.ts';
import { prepareTorrent, type TorrentOnStage } from './torrent.ts';

/** Every node fetches the whole tree with aria2, and goes on seeding. */
export const aria2: System = {
  name: 'aria2',
  needs: [
    { file: '/usr/bin/aria2c', debianPackage: 'aria2' },
    { file: '/usr/bin/opentracker', debianPackage: 'opentracker' },
  ],
  expectedRatio: () => 2.5,
  start: async (stage) => {
    const torrent = await prepareTorrent(stage);
    const seed = stage.frontend.start([
      ...['aria2c', ...shared, '--summary-interval=1', '--bt-seed-unverified=true'],
      ...[`--dir=${torrent.seedFolder}`, torrent.path],
    ]);
    await seed.waitForLine(/ SEED\(/, 30_000);
    const peers = stage.nodes.map((node) => createPeer(stage, node, torrent));
    return {
      nodes: peers.map((peer) => peer.node),
      frontendProcesses: [seed, torrent.tracker],
      agentProcesses: peers.map((peer) => peer.process),
      clientProcesses: [],
      countSentBytes: undefined,
    };
  },
};

const shared = [
  '--no-conf=true',
  '--enable-color=false',
  '--disable-ipv6=true',
  '--seed-ratio=0.0',
  '--seed-time=1440',
  '--listen-port=6881',
  '--bt-max-peers=0',
  '--bt-enable-lpd=false',
  '--enable-dht=false',
  '--file-allocation=none',
  '--follow-torrent=mem',
];

function createPeer(
  stage: Stage,
  node: RackHost,
  torrent: TorrentOnStage,
): { readonly node: WaitingNode; readonly process: RackProcess } {
  const folder = join(stage.folder, `${node.name}-torrent`);
  // The hook prints the download's number once all pieces are there.
  const process = node.start(
    [
      ...['aria2c', ...shared, '--summary-interval=0', '--on-bt-download-complete=/bin/echo'],
      ...[`--dir=${folder}`, torrent.path],
    ],
    { held: 'by-shell' },
  );
  return {
    process,
    node: {
      name: node.name,
      copyFolder: join(folder, torrent.name),
      release: process.release,
      done: process.waitForLine(/^[0-9a-f]{16} \d+ /, longestWaitMs).then(() => {}),
      firstByteSeconds: () => [],
    },
  };
}
