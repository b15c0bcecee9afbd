import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { removeTree } from '../../../src/frontend/trees/remove.ts';
import type { CatalogChange, Generation } from '../../../src/frontend/trees/types.ts';
import { createCollectingLog } from '../../support/collecting-log.ts';
import { defined, makeTree, readWhole, replaceFile } from './fixture.ts';

const nameOf = ({ tree, generation }: Generation) => `${tree}@${generation}`;
const namesOf = ({ added, removed }: CatalogChange) => ({
  added: added.map(nameOf),
  removed: removed.map(nameOf),
});

test('a reload takes in what was added and removed, and tells the listeners once', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  const catalog = await tree.open();
  t.deepEqual(catalog.all(), []);
  const heard: CatalogChange[] = [];
  const stop = catalog.onChange((change) => heard.push(change));
  await tree.add();
  await tree.add({ name: 'other' });
  t.deepEqual(namesOf(await catalog.reload()), { added: ['lab@1', 'other@1'], removed: [] });
  const first = defined(catalog.newest('lab'));
  await replaceFile(join(tree.source, 'a'), 'second');
  await tree.add();
  await removeTree({ state: tree.state, name: 'other', generation: undefined });
  t.deepEqual(namesOf(await catalog.reload()), { added: ['lab@2'], removed: ['other@1'] });
  t.is(catalog.get('lab', 1), first);
  t.deepEqual(catalog.all().map(nameOf), ['lab@1', 'lab@2']);
  t.deepEqual(catalog.newestOfEach().map(nameOf), ['lab@2']);
  t.is(catalog.byInfohash(first.metainfo.infohash), first);
  t.is(catalog.newest('other'), undefined);
  t.deepEqual(namesOf(await catalog.reload()), { added: [], removed: [] });
  t.is(heard.length, 2);
  stop();
  await removeTree({ state: tree.state, name: 'lab', generation: 2 });
  await catalog.reload();
  t.is(heard.length, 2);
  t.is(nameOf(defined(catalog.newest('lab'))), 'lab@1');
});

test('reloads at the same time see the same, and open nothing twice', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  const catalog = await tree.open();
  await tree.add();
  const changes = await Promise.all([catalog.reload(), catalog.reload(), catalog.reload()]);
  t.deepEqual(
    changes.map(({ added }) => added.length),
    [1, 0, 0],
  );
});

test('a tree that was removed and added again is another one, though its number is the same', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  await tree.add();
  const catalog = await tree.open();
  await removeTree({ state: tree.state, name: 'lab', generation: undefined });
  await replaceFile(join(tree.source, 'a'), 'second, longer');
  await tree.add();
  t.deepEqual(namesOf(await catalog.reload()), { added: ['lab@1'], removed: ['lab@1'] });
  t.is(String(await readWhole(defined(catalog.newest('lab')), 'a')), 'second, longer');
});

test('a restart reads no file of a tree', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  await tree.add({ keep: 'none' });
  await rm(tree.source, { recursive: true });
  const generation = await tree.newest();
  t.is(generation.metainfo.pieceCount, 1);
  t.deepEqual(generation.changedFiles(), []);
});

const damages: Readonly<Record<string, (folder: string) => Promise<void>>> = {
  'without a torrent': (folder) => rm(join(folder, 'tree.torrent')),
  'with a manifest cut short': (folder) => writeFile(join(folder, 'manifest.json'), '{"signed":'),
  'with records of nothing': (folder) =>
    writeFile(
      join(folder, 'files.json'),
      '{"format":1,"source":{"kind":"folder","path":"/"},"keep":"none","files":[]}',
    ),
  'that holds nothing': async (folder) => {
    for (const name of await readdir(folder)) await rm(join(folder, name));
  },
};

for (const [how, damage] of Object.entries(damages)) {
  test(`a generation ${how} is named and left out, and the others are served`, async (t) => {
    const { log, lines } = createCollectingLog();
    const tree = await makeTree(t, { a: 'first' });
    await tree.add();
    await replaceFile(join(tree.source, 'a'), 'second');
    await tree.add();
    await damage(join(tree.state, 'trees', 'lab', '2'));
    const catalog = await tree.open(log);
    await catalog.reload();
    t.deepEqual(catalog.all().map(nameOf), ['lab@1']);
    const broken = catalog.broken().map(({ tree: name, generation }) => `${name}@${generation}`);
    t.deepEqual(broken, ['lab@2']);
    t.is(lines.filter(({ level }) => level === 'error').length, 1);
    // Adding again repairs what is served as the newest.
    const { generation } = await tree.add();
    await catalog.reload();
    t.true(generation === 1 || generation === 3);
    t.is(String(await readWhole(defined(catalog.get('lab', 1)), 'a')), 'first');
    await removeTree({ state: tree.state, name: 'lab', generation: 2 });
    await catalog.reload();
    t.deepEqual(catalog.broken(), []);
  });
}

test('a manifest of another tree, or signed with another key, is not served', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  const other = await makeTree(t, { b: 'other' });
  await tree.add();
  await other.add();
  const folder = join(tree.state, 'trees', 'lab', '2');
  await rename(join(other.state, 'trees', 'lab', '1'), folder);
  const catalog = await tree.open();
  t.deepEqual(catalog.all().map(nameOf), ['lab@1']);
  t.regex(catalog.broken()[0]?.reason ?? '', /signed by key/);
});
