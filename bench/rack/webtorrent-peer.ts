import { once } from 'node:events';
import WebTorrent from 'webtorrent';

// webtorrent as it comes, its strategy too; off is what finds peers or bytes beyond the tracker and
// TCP, and encryption, which the other systems do without.
//
// Arguments: seed|fetch TORRENT FOLDER. A seed prints `ready` when it serves. A fetching peer prints
// `ready`, waits for a line on stdin, fetches, prints `done` when it has everything, and seeds until
// it is ended.

const [role = '', torrentPath = '', folder = ''] = process.argv.slice(2);
const isSeed = role === 'seed';

const client = new WebTorrent({
  torrentPort: 6881,
  dht: false,
  lsd: false,
  utPex: false,
  utp: false,
  webSeeds: false,
  natUpnp: false,
  natPmp: false,
  secure: 0,
});
client.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
await once(client, 'listening');

if (!isSeed) {
  console.log('ready');
  await once(process.stdin, 'data');
}
const torrent = client.add(torrentPath, { path: folder, skipVerify: isSeed });
torrent.on('warning', (warning) => console.error(warning));
torrent.on('done', () => console.log(isSeed ? 'ready' : 'done'));
