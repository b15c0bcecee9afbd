import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createFileTorrentStore } from '../../src/frontend/file-torrent-store.ts';
import {
  createFileTorrents,
  type FileTorrent,
  FileTorrentError,
} from '../../src/frontend/file-torrents.ts';
import { generationFolder as folderOf } from '../../src/frontend/trees/tree-folders.ts';
import { silentLog } from '../../src/runtime/log.ts';
import { temporaryFolder, writeTree } from './http/fixture.ts';

async function setUp(t: ExecutionContext, count = 3) {
  const contents = Object.fromEntries(
    Array.from({ length: count }, (_, n) => [`file-${n}`, `content ${n}`]),
  );
  const generation = await writeTree(await temporaryFolder(t), {
    tree: 'rocks',
    generation: 1,
    contents,
  });
  const state = await temporaryFolder(t);
  const generationFolder = folderOf(state, 'rocks', 1);
  await mkdir(generationFolder, { recursive: true });
  const store = createFileTorrentStore({ log: silentLog }, { state });
  const startUp = () => {
    const ready: FileTorrent[] = [];
    return { ready, torrents: createFileTorrents({ store, onReady: (each) => ready.push(each) }) };
  };
  const find = (path: string) => {
    const file = generation.lookup(path);
    if (file === undefined) throw new Error(`expected ${path} in the tree`);
    return file;
  };
  return {
    generation,
    generationFolder,
    startUp,
    find,
    folder: join(generationFolder, 'file-torrents'),
  };
}

test('torrents made by an earlier run are there after the start, without hashing', async (t) => {
  const { generation, startUp, find } = await setUp(t);
  const made = await startUp().torrents.get(generation, find('file-1'));
  const { torrents, ready } = startUp();
  const unreadable = { ...generation, read: () => t.fail('expected no reading') as never };
  await torrents.load(unreadable);
  t.is(ready.length, 1);
  t.is(ready[0]?.file.file.path, 'file-1');
  t.is((await torrents.get(unreadable, find('file-1'))).infohash, made.infohash);
});

test('kept torrents that are damaged or of nothing are passed over and made again', async (t) => {
  const { generation, startUp, find, folder } = await setUp(t);
  const { infohash } = await startUp().torrents.get(generation, find('file-0'));
  await writeFile(join(folder, '0.torrent'), 'd4:infod');
  await writeFile(join(folder, '99.torrent'), 'x');
  await writeFile(join(folder, 'x.txt'), 'x');
  const { torrents, ready } = startUp();
  await torrents.load(generation);
  t.is(ready.length, 0);
  t.is((await torrents.get(generation, find('file-0'))).infohash, infohash);
});

test('a generation that was removed meanwhile does not come back as an empty folder', async (t) => {
  const { generation, startUp, find, generationFolder } = await setUp(t);
  await rm(generationFolder, { recursive: true });
  await t.notThrowsAsync(startUp().torrents.get(generation, find('file-0')));
  await t.throwsAsync(readdir(generationFolder), { code: 'ENOENT' });
});

test('too many torrents at once are refused, and the others are made', async (t) => {
  const { generation, startUp, find } = await setUp(t, 400);
  const { torrents } = startUp();
  const all = Array.from({ length: 400 }, (_, n) => torrents.get(generation, find(`file-${n}`)));
  const outcomes = await Promise.allSettled(all);
  const refused = outcomes.filter((each) => each.status === 'rejected');
  t.true(refused.length > 0 && refused.length < 200);
  t.true(refused.every(({ reason }) => reason instanceof FileTorrentError));
  await t.notThrowsAsync(torrents.get(generation, find('file-399')));
});
