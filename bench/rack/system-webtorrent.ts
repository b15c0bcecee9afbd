import { join } from 'node:path';
import type { System } from './system.ts';
import { startTorrentClients } from './torrent-clients.ts';

const peer = [process.execPath, join(import.meta.dirname, 'webtorrent-peer.ts')];

/** Every node fetches the whole tree with webtorrent as it comes, and goes on seeding. */
export const webtorrent: System = {
  name: 'webtorrent',
  needs: [{ file: '/usr/bin/opentracker', debianPackage: 'opentracker' }],
  // Every node asks the seed for nearly everything, as with plain HTTP.
  expectedRatio: (nodes) => nodes + 1,
  start: (stage) =>
    startTorrentClients(stage, {
      seed: ({ torrentPath, folder }) => [...peer, 'seed', torrentPath, folder],
      fetch: ({ torrentPath, folder }) => [...peer, 'fetch', torrentPath, folder],
      seeds: /^ready/,
      waits: /^ready/,
      isDone: /^done/,
    }),
};
