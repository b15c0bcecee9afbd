import type { System } from './system.ts';
import { startTorrentClients } from './torrent-clients.ts';

/** Every node fetches the whole tree with aria2, and goes on seeding. */
export const aria2: System = {
  name: 'aria2',
  needs: [
    { file: '/usr/bin/aria2c', debianPackage: 'aria2' },
    { file: '/usr/bin/opentracker', debianPackage: 'opentracker' },
  ],
  expectedRatio: () => 2.5,
  start: (stage) =>
    startTorrentClients(stage, {
      seed: ({ torrentPath, folder }) => [
        ...['aria2c', ...shared, '--summary-interval=1', '--bt-seed-unverified=true'],
        ...[`--dir=${folder}`, torrentPath],
      ],
      // The hook prints the download's number once all pieces are there.
      fetch: ({ torrentPath, folder }) => [
        ...['aria2c', ...shared, '--summary-interval=0', '--on-bt-download-complete=/bin/echo'],
        ...[`--dir=${folder}`, torrentPath],
      ],
      seeds: / SEED\(/,
      waits: undefined,
      isDone: /^[0-9a-f]{16} \d+ /,
    }),
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
