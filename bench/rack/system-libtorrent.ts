import { join } from 'node:path';
import type { RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { longestWaitMs, type Stage, type System, type WaitingNode } from './system.ts';
import { prepareTorrent, type TorrentOnStage } from './torrent.ts';

// Debian's own interpreter: the module is installed for no other.
const python = '/usr/bin/python3';
const script = join(import.meta.dirname, 'libtorrent_peer.py');

/** Every node fetches the whole tree with libtorrent, tuned for a LAN, and goes on seeding. */
export const libtorrent: System = {
  name: 'libtorrent',
  needs: [
    {
      file: '/usr/lib/python3/dist-packages/libtorrent*.so',
      debianPackage: 'python3-libtorrent',
    },
    { file: '/usr/bin/opentracker', debianPackage: 'opentracker' },
  ],
  expectedRatio: () => 2.5,
  start: async (stage) => {
    const torrent = await prepareTorrent(stage);
    const { frontend } = stage;
    const seed = frontend.start([
      ...[python, script, 'seed', frontend.ip, torrent.path, torrent.seedFolder],
    ]);
    await seed.waitForLine(/^ready/, 30_000);
    const peers = stage.nodes.map((node) => createPeer(stage, node, torrent));
    await Promise.all(peers.map(({ process }) => process.waitForLine(/^ready/, 60_000)));
    return {
      nodes: peers.map((peer) => peer.node),
      frontendProcesses: [seed, torrent.tracker],
      agentProcesses: peers.map((peer) => peer.process),
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
  const process = node.start([python, script, 'fetch', node.ip, torrent.path, folder], {
    held: 'by-program',
  });
  return {
    process,
    node: {
      name: node.name,
      copyFolder: join(folder, torrent.name),
      release: process.release,
      done: process.waitForLine(/^done/, longestWaitMs).then(() => {}),
      firstByteSeconds: () => [],
    },
  };
}
