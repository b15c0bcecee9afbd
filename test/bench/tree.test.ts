import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { makeTree, planFiles } from '../../bench/support/tree.ts';
import { verifyCopy } from '../../bench/support/verify.ts';

const plan = { totalSizeBytes: 3_000_000, fileCount: 40, seed: 14 };

async function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'bench-tree-'));
}

test('a plan is reproducible, adds up exactly and follows its seed', (t) => {
  const files = planFiles(plan);
  t.is(files.length, plan.fileCount);
  t.is(
    files.reduce((sum, file) => sum + file.sizeBytes, 0),
    plan.totalSizeBytes,
  );
  t.true(files.every((file) => file.sizeBytes >= 0));
  t.deepEqual(planFiles(plan), files);
  t.notDeepEqual(planFiles({ ...plan, seed: 15 }), files);
});

test("sizes are a distribution's: many small files, most bytes in a few", (t) => {
  const sizes = planFiles({ totalSizeBytes: 64 * 2 ** 20, fileCount: 300, seed: 14 })
    .map((file) => file.sizeBytes)
    .sort((a, b) => a - b);
  const median = sizes[150] ?? 0;
  t.true(median > 30_000 && median < 90_000, `median ${median}`);
  t.true((sizes.at(-1) ?? 0) > 10e6);
});

test('the files on disk are those that the hashes say, in sorted order', async (t) => {
  const folder = await makeFolder();
  t.teardown(() => rm(folder, { recursive: true }));
  const tree = await makeTree(folder, plan);
  const paths = tree.files.map((file) => file.path);
  t.deepEqual(paths, paths.toSorted());
  const stream = Buffer.concat(
    await Promise.all(paths.map((path) => readFile(join(folder, path)))),
  );
  t.is(tree.pieceHashes.length, Math.ceil(stream.length / tree.pieceLengthBytes) * 20);
  const last = stream.subarray(Math.floor(stream.length / tree.pieceLengthBytes) * 65_536);
  t.deepEqual(tree.pieceHashes.subarray(-20), createHash('sha1').update(last).digest());
  await t.notThrowsAsync(verifyCopy(tree, folder));
});

test('a wrong, a short and a missing file are told apart from the tree', async (t) => {
  const folder = await makeFolder();
  t.teardown(() => rm(folder, { recursive: true }));
  const tree = await makeTree(folder, plan);
  const path = join(folder, tree.files[7]?.path ?? '');
  const content = await readFile(path);
  content[3] = (content[3] ?? 0) ^ 1;
  await writeFile(path, content);
  await t.throwsAsync(verifyCopy(tree, folder), { code: 'wrong-content', message: /other bytes/ });
  await truncate(path, 5);
  await t.throwsAsync(verifyCopy(tree, folder), { message: /5 bytes instead of/ });
  await rm(path);
  await t.throwsAsync(verifyCopy(tree, folder), { message: /ENOENT/ });
});
