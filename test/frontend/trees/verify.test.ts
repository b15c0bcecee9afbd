import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { verifyTree } from '../../../src/frontend/trees/verify.ts';
import { makeTree, manyFiles, type TreeFixture } from './fixture.ts';

function verify({ state }: TreeFixture, generation?: number) {
  return verifyTree({ state, name: 'lab', generation });
}

test('a tree that is as it was has no problems', async (t) => {
  const tree = await makeTree(t, { ...manyFiles(300, (at) => at * 300), empty: '' });
  await tree.add();
  const report = await verify(tree);
  t.deepEqual(report.problems, []);
  t.is(report.fileCount, 301);
});

test('each file that differs is named, with how', async (t) => {
  const tree = await makeTree(
    t,
    manyFiles(60, () => 5000),
  );
  await tree.add({ keep: 'none' });
  const at = (name: string) => join(tree.source, name);
  await rm(at('d0/f00000'));
  await writeFile(at('d1/f00001'), 'shorter');
  const { atime, mtime } = await stat(at('d2/f00002'));
  await writeFile(at('d2/f00002'), Buffer.alloc(5000, 'wrong'));
  await utimes(at('d2/f00002'), atime, mtime);
  const { problems } = await verify(tree);
  const reasons = new Map(problems.map(({ path, reason }) => [path, reason]));
  t.deepEqual([...reasons.keys()].toSorted(), ['d0/f00000', 'd1/f00001', 'd2/f00002']);
  t.regex(reasons.get('d0/f00000') ?? '', /ENOENT/);
  t.regex(reasons.get('d1/f00001') ?? '', /size is 7, not 5000/);
  t.regex(reasons.get('d2/f00002') ?? '', /content/);
});

test('a manifest that was written to, and a key that is gone, are problems', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  await tree.add();
  const path = join(tree.state, 'trees', 'lab', '1', 'manifest.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"mtimeMs":', '"mtimeMs":1'));
  const { problems } = await verify(tree);
  t.is(problems.length, 1);
  t.regex(problems[0]?.reason ?? '', /signed by key/);
  await rm(join(tree.state, 'keys'), { recursive: true });
  t.regex((await verify(tree)).problems[0]?.reason ?? '', /expected a key/);
});

test('the newest generation is verified unless another is named', async (t) => {
  const tree = await makeTree(t, { a: 'content' });
  await tree.add();
  await writeFile(join(tree.source, 'b'), 'new');
  await tree.add();
  t.is((await verify(tree)).generation, 2);
  t.is((await verify(tree, 1)).generation, 1);
  await t.throwsAsync(verify(tree, 3), { code: 'no-such-tree' });
});
