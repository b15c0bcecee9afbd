import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { torrentSources } from '../../../src/frontend/http/torrent-sources.ts';
import { decodeTorrent } from '../../../src/protocol/metainfo.ts';
import { ask } from './client.ts';
import { serveTrees, temporaryFolder, writeTree } from './fixture.ts';

const image = randomBytes(200_000);
const contents = { 'images/stage 2+.img': image, small: 'small' };

async function serve(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const generation = await writeTree(folder, { tree: 'rocks', generation: 3, contents });
  return { folder, generation, ...(await serveTrees(t, [generation])) };
}

test("a tree's torrent has the trackers and the web seed on the address that was asked", async (t) => {
  const { port, generation } = await serve(t);
  for (const path of ['/install/rocks.torrent', '/install/rocks@3.torrent']) {
    const reply = await ask(port, path, { headers: { host: 'evil.example' } });
    t.is(reply.headers['content-type'], 'application/x-bittorrent');
    const { metainfo, sources } = decodeTorrent(reply.body);
    t.is(metainfo.infohash, generation.metainfo.infohash);
    t.deepEqual(sources.webSeeds, [`http://127.0.0.1:${port}/install/`]);
    t.regex(sources.trackers[0] ?? '', /^http:\/\/127\.0\.0\.1:\d+\/announce$/);
    t.regex(sources.trackers[1] ?? '', /^udp:\/\/127\.0\.0\.1:\d+\/announce$/);
    t.is(sources.trackers[2], `http://127.0.0.1:${port}/announce`, 'as a last resort');
    t.is(sources.trackers.length, 3);
  }
});

test("a web seed's URL and the torrent's name lead to the file's bytes (BEP 19)", async (t) => {
  const { port } = await serve(t);
  const { metainfo, sources } = decodeTorrent((await ask(port, '/install/rocks.torrent')).body);
  const path = metainfo.files[0]?.path.split('/').map(encodeURIComponent).join('/');
  const seeded = await fetch(`${sources.webSeeds[0]}${encodeURIComponent(metainfo.name)}/${path}`);
  t.true(image.equals(Buffer.from(await seeded.arrayBuffer())));
});

test('the torrent of one file has its bytes, and its web seed names the generation', async (t) => {
  const { port } = await serve(t);
  const reply = await ask(port, '/install/rocks/images/stage%202%2b.img.torrent');
  const { metainfo, sources } = decodeTorrent(reply.body);
  t.true(metainfo.singleFile);
  t.is(metainfo.name, 'stage 2+.img');
  t.is(metainfo.totalSizeBytes, image.length);
  const pieces = [0, 1, 2, 3].map((n) => image.subarray(n * 65_536, (n + 1) * 65_536));
  const hashes = pieces.map((piece) => createHash('sha1').update(piece).digest());
  t.deepEqual(metainfo.pieceHashes, Buffer.concat(hashes));
  t.deepEqual(sources.webSeeds, [
    `http://127.0.0.1:${port}/install/rocks@3/images/stage%202%2B.img`,
  ]);
  const seeded = await fetch(sources.webSeeds[0] ?? '');
  t.true(image.equals(Buffer.from(await seeded.arrayBuffer())));
});

test('the torrent of one file is made once, however many ask at the same time', async (t) => {
  const { port, fileTorrents } = await serve(t);
  const path = '/install/rocks/images/stage%202+.img.torrent';
  const replies = await Promise.all(Array.from({ length: 30 }, () => ask(port, path)));
  t.true(replies.every((reply) => reply.body.equals(replies[0]?.body ?? Buffer.alloc(0))));
  t.is(fileTorrents.length, 1);
  t.is(fileTorrents[0]?.file.file.path, 'images/stage 2+.img');
});

test('a changed file gets no torrent, by name, and gets one again when it is restored', async (t) => {
  const { folder, port } = await serve(t);
  await writeFile(join(folder, 'small'), 'other');
  const reply = await ask(port, '/install/rocks/small.torrent');
  t.is(reply.status, 500);
  t.regex(reply.body.toString(), /'small' as it was added/);
  await writeTree(folder, { tree: 'rocks', generation: 3, contents });
  t.is((await ask(port, '/install/rocks/small.torrent')).status, 200);
});

const local = { localAddress: '10.1.1.1', localPort: 8080 };
const tracker = { trackerHost: '0.0.0.0', trackerPort: 6969 };

test('a wildcard or a name as tracker address gives way to the address that was asked', (t) => {
  for (const trackerHost of ['0.0.0.0', '::', 'frontend.local']) {
    const sources = torrentSources({ ...local, trackerHost, trackerPort: 6969 }, '/install/');
    t.deepEqual(sources, {
      trackers: [
        'http://10.1.1.1:6969/announce',
        'udp://10.1.1.1:6969/announce',
        'http://10.1.1.1:8080/announce',
      ],
      webSeeds: ['http://10.1.1.1:8080/install/'],
    });
  }
});

test('a fixed tracker address is kept', (t) => {
  const sources = torrentSources({ ...local, ...tracker, trackerHost: '10.9.9.9' }, '/x');
  t.is(sources.trackers[0], 'http://10.9.9.9:6969/announce');
});

test('IPv6 stands in brackets, IPv4 inside IPv6 as IPv4, and port 80 is left out', (t) => {
  const of = (localAddress: string | undefined) =>
    torrentSources({ ...tracker, localAddress, localPort: 80 }, '/').webSeeds[0];
  t.is(of('fd00::1'), 'http://[fd00::1]/');
  t.is(of('::ffff:10.1.1.1'), 'http://10.1.1.1/');
  t.is(of(undefined), 'http://127.0.0.1/');
});
