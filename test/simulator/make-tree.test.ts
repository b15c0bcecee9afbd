import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { makeTree } from '../../src/simulator/make-tree.ts';

const files = [
  { path: 'Packages/a/one.rpm', sizeBytes: 3_000_001 },
  { path: 'Packages/b/two.rpm', sizeBytes: 1_000 },
  { path: 'empty', sizeBytes: 0 },
];

test('every file has its size, and bytes that do not compress', async (t) => {
  const folder = await makeFolder(t);
  await makeTree(folder, { files, seed: 1 });
  for (const { path, sizeBytes } of files) t.is((await stat(join(folder, path))).size, sizeBytes);
  const content = await readFile(join(folder, 'Packages/a/one.rpm'));
  t.true(deflateSync(content).length >= content.length);
});

test('the same seed gives the same bytes, another one others, and each file its own', async (t) => {
  const folder = await makeFolder(t);
  const read = (tree: string, path: string) => readFile(join(folder, tree, path));
  await makeTree(join(folder, 'one'), { files, seed: 1 });
  await makeTree(join(folder, 'same'), { files, seed: 1 });
  await makeTree(join(folder, 'other'), { files, seed: 2 });
  const two = await read('one', 'Packages/b/two.rpm');
  t.deepEqual(await read('same', 'Packages/b/two.rpm'), two);
  t.notDeepEqual(await read('other', 'Packages/b/two.rpm'), two);
  t.notDeepEqual((await read('one', 'Packages/a/one.rpm')).subarray(0, two.length), two);
});

test('it stops between two files when it is told to', async (t) => {
  const reason = new Error('enough');
  const made = makeTree(await makeFolder(t), { files, seed: 1 }, AbortSignal.abort(reason));
  t.is(await t.throwsAsync(made), reason);
});

async function makeFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-make-tree-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}
