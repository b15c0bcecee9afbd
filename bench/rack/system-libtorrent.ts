import { join } from 'node:path';
import type { System } from './system.ts';
import { startTorrentClients } from './torrent-clients.ts';

// Debian's own interpreter: the module is installed for no other.
const peer = ['/usr/bin/python3', join(import.meta.dirname, 'libtorrent_peer.py')];

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
  start: (stage) =>
    startTorrentClients(stage, {
      seed: ({ host, torrentPath, folder }) => [...peer, 'seed', host.ip, torrentPath, folder],
      fetch: ({ host, torrentPath, folder }) => [...peer, 'fetch', host.ip, torrentPath, folder],
      seeds: /^ready/,
      waits: /^ready/,
      isDone: /^done/,
    }),
};
