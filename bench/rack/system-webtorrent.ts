import { join } from 'node:path';
import type { RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { longestWaitMs, type Stage, type System, type WaitingNode } from './system.ts';
import { prepareTorrent, type TorrentOnStage } from './torrent.ts';

const peer = [process.execPath, join(import.meta.dirname, 'webtorrent-peer.ts')];

/** Every node fetches the whole tree with webtorrent as it comes, and goes on seeding. */
export const webtorrent: System = {
  name: 'webtorrent',
  needs: [{ file: '/usr/bin/opentracker', debianPackage: 'opentracker' }],
  // Every node asks the seed for nearly everything, as with plain HTTP.
  expectedRatio: (nodes) => nodes + 1,
  start: async (stage) => {
    const torrent = await prepareTorrent(stage);
    const seed = stage.frontend.start([...peer, 'seed', torrent.path, torrent.seedFolder]);
    await seed.waitForLine(/^ready/, 30_000);
    const peers = stage.nodes.map((node) => createPeer(stage, node, torrent));
    await Promise.all(peers.map(({ process }) => process.waitForLine(/^ready/, 60_000)));
    return {
      nodes: peers.map((each) => each.node),
      frontendProcesses: [seed, torrent.tracker],
      agentProcesses: peers.map((each) => each.process),
      clientProcesses: [],
      countSentBytes: undefined,
    };
  },
};

function createPeer(
  stage: Stage,
  node: RackHost,
  torrent: TorrentOnStage,
): { readonly node: WaitingNode; readonly process: RackProcess } {
  const folder = join(stage.folder, `${node.name}-torrent`);
  const program = node.start([...peer, 'fetch', torrent.path, folder], { held: 'by-program' });
  return {
    process: program,
    node: {
      name: node.name,
      copyFolder: join(folder, torrent.name),
      release: program.release,
      done: program.waitForLine(/^done/, longestWaitMs).then(() => {}),
      firstByteSeconds: () => [],
    },
  };
}
