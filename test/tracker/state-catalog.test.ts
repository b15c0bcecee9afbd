import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createMetainfo, encodeTorrent } from '../../src/protocol/metainfo.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { createStateCatalog, type StateCatalog } from '../../src/tracker/state-catalog.ts';
import { addTree } from './state-fixture.ts';
import { infohash, otherInfohash } from './tracker-fixture.ts';

test('trees that come, change and go are seen at the next look', async (t) => {
  const { state, catalog } = await createState(t);
  t.deepEqual(catalog.list(), []);
  await addTree(state, { tree: 'bookworm', generation: 1, infohash });
  await addTree(state, { tree: 'bookworm', generation: 2, infohash: otherInfohash });
  await catalog.refresh();
  t.true(catalog.has(infohash) && catalog.has(otherInfohash));
  t.is(catalog.nameOf(infohash), 'bookworm');
  t.deepEqual(
    catalog.list().map(({ generation, totalSizeBytes }) => [generation, totalSizeBytes]),
    [
      [1, 6],
      [2, 6],
    ],
  );
  await rm(join(state, 'trees/bookworm/1'), { recursive: true });
  await addTree(state, { tree: 'bookworm', generation: 2, infohash: 'cd'.repeat(20) });
  await catalog.refresh();
  t.deepEqual(
    catalog.list().map((entry) => entry.infohash),
    ['cd'.repeat(20)],
  );
});

test('torrents of single files are known by their tree and path', async (t) => {
  const { state, catalog } = await createState(t);
  const folder = await addTree(state, { tree: 'bookworm', generation: 4, infohash });
  const metainfo = createMetainfo({
    name: 'b c.deb',
    pieceLengthBytes: 65_536,
    pieceHashes: Buffer.alloc(20),
    files: [{ path: 'b c.deb', sizeBytes: 4 }],
    singleFile: true,
  });
  const bytes = encodeTorrent(metainfo, { trackers: [], webSeeds: [] });
  await mkdir(join(folder, 'file-torrents'));
  await writeFile(join(folder, 'file-torrents/1.torrent'), bytes);
  await writeFile(join(folder, 'file-torrents/7.torrent'), bytes);
  await writeFile(join(folder, 'file-torrents/0.torrent'), 'no torrent');
  await catalog.refresh();
  const entry = catalog.list().find((each) => each.infohash === metainfo.infohash);
  t.deepEqual(entry, {
    infohash: metainfo.infohash,
    name: 'bookworm/pool/b c.deb',
    generation: 4,
    totalSizeBytes: 4,
  });
  t.is(catalog.list().length, 2);
});

test('what is no tree is left out, and the others stay', async (t) => {
  const { state, catalog } = await createState(t);
  await addTree(state, { tree: 'bookworm', generation: 1, infohash });
  await mkdir(join(state, 'trees/broken/1'), { recursive: true });
  await writeFile(join(state, 'trees/broken/1/manifest.json'), '{"signed":');
  await mkdir(join(state, 'trees/unfinished/1'), { recursive: true });
  await writeFile(join(state, 'trees/a-file'), '');
  await addTree(state, { tree: 'other', generation: 1, infohash: otherInfohash });
  await rename(join(state, 'trees/other/1'), join(state, 'trees/other/1.tmp'));
  await catalog.refresh();
  t.deepEqual(
    catalog.list().map(({ name }) => name),
    ['bookworm'],
  );
});

async function createState(
  t: ExecutionContext,
): Promise<{ readonly state: string; readonly catalog: StateCatalog }> {
  const state = await mkdtemp(join(tmpdir(), 'scree-state-'));
  const catalog = createStateCatalog({ log: silentLog }, { stateFolder: state, rereadMs: 60_000 });
  await catalog.refresh();
  t.teardown(async () => {
    await catalog.close();
    await rm(state, { recursive: true });
  });
  return { state, catalog };
}
