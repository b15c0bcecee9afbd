import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { removeTree } from '../../../src/frontend/trees/remove.ts';
import { defined, makeTree, readWhole, replaceFile, type TreeFixture } from './fixture.ts';

async function keptFiles({ state }: TreeFixture): Promise<string[]> {
  const entries = await readdir(join(state, 'trees', 'lab', 'kept'), { recursive: true });
  return entries.filter((name) => name.includes('/'));
}

async function twoGenerations(tree: TreeFixture): Promise<void> {
  await tree.add();
  await replaceFile(join(tree.source, 'a'), 'second');
  await tree.add();
}

test('with a generation goes what only it needed, and its number is not given again', async (t) => {
  const tree = await makeTree(t, { a: 'first', b: 'stays' });
  await twoGenerations(tree);
  t.is((await keptFiles(tree)).length, 3);
  const report = await removeTree({ state: tree.state, name: 'lab', generation: 1 });
  t.deepEqual(report.generations, [1]);
  t.is((await keptFiles(tree)).length, 2);
  const generation = await tree.newest();
  t.is(String(await readWhole(generation, 'a')), 'second');
  t.is(String(await readWhole(generation, 'b')), 'stays');
  t.deepEqual((await readdir(join(tree.state, 'trees', 'lab'))).sort(), ['2', 'kept']);
  await replaceFile(join(tree.source, 'a'), 'third');
  t.is((await tree.add()).generation, 3);
});

test('the number of a newest generation that was removed is not given again', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  await twoGenerations(tree);
  await removeTree({ state: tree.state, name: 'lab', generation: 2 });
  t.is((await tree.add()).generation, 3);
});

test('a whole tree goes without a trace; the source stays', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  await twoGenerations(tree);
  const { generations } = await removeTree({
    state: tree.state,
    name: 'lab',
    generation: undefined,
  });
  t.deepEqual(generations, [1, 2]);
  t.deepEqual(await readdir(join(tree.state, 'trees')), []);
  t.true(existsSync(join(tree.source, 'a')));
});

test('the last generation takes the tree with it', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  await tree.add();
  await removeTree({ state: tree.state, name: 'lab', generation: 1 });
  t.deepEqual(await readdir(join(tree.state, 'trees')), []);
});

test('what is not there is refused with what is', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  await tree.add();
  const { state } = tree;
  await t.throwsAsync(removeTree({ state, name: 'lab', generation: 7 }), {
    code: 'no-such-tree',
    message: /\(1\), got 7/,
  });
  await t.throwsAsync(removeTree({ state, name: 'bal', generation: undefined }), {
    code: 'no-such-tree',
    message: /\(lab\), got 'bal'/,
  });
});

test('what a killed add or remove has left goes with the next add', async (t) => {
  const tree = await makeTree(t, { a: 'first' });
  await tree.add();
  const folder = join(tree.state, 'trees', 'lab');
  await mkdir(join(folder, '.unfinished-1', 'sub'), { recursive: true });
  await mkdir(join(tree.state, 'trees', '.unfinished-2'), { recursive: true });
  await mkdir(join(folder, 'kept', 'ff'));
  await writeFile(join(folder, 'kept', 'ff', 'f'.repeat(64)), 'needed by nobody');
  await tree.add();
  t.deepEqual((await readdir(join(tree.state, 'trees'))).toSorted(), ['lab']);
  t.deepEqual((await readdir(folder)).toSorted(), ['1', 'kept']);
  t.is((await keptFiles(tree)).length, 1);
});

test('while a generation cannot be read, no kept bytes are removed', async (t) => {
  const tree = await makeTree(t, { a: 'first', b: 'stays' });
  await twoGenerations(tree);
  await writeFile(join(tree.state, 'trees', 'lab', '1', 'files.json'), 'broken');
  await removeTree({ state: tree.state, name: 'lab', generation: 2 }).catch(() => {});
  t.is((await keptFiles(tree)).length, 3);
  t.is(defined((await tree.open()).broken()[0]).generation, 1);
});
