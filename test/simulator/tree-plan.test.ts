import test from 'ava';
import fc from 'fast-check';
import { isSafeTreePath } from '../../src/protocol/install-path.ts';
import { planTree } from '../../src/simulator/tree-plan.ts';

const demoTree = { seed: 1, fileCount: 400, totalSizeBytes: 100_000_000 };

test("the demo's tree is like a distribution's: median near 60 KB, a few files of 10 MB", (t) => {
  const files = planTree(demoTree);
  const sizes = files.map((file) => file.sizeBytes).sort((a, b) => a - b);
  const median = sizes[200] ?? 0;
  t.is(files.length, 400);
  t.true(median > 50_000 && median < 70_000, `the median is ${median}`);
  t.true(sizes.filter((size) => size >= 10_000_000).length >= 3);
});

test('the same seed gives the same tree, another one another', (t) => {
  t.deepEqual(planTree(demoTree), planTree(demoTree));
  t.notDeepEqual(planTree(demoTree), planTree({ ...demoTree, seed: 2 }));
});

test('any plan has as many files and bytes as asked for, under paths of their own', (t) => {
  const options = fc.record({
    seed: fc.integer(),
    fileCount: fc.integer({ min: 1, max: 60 }),
    totalSizeBytes: fc.integer({ min: 0, max: 10_000_000 }),
  });
  fc.assert(
    fc.property(options, (each) => {
      const files = planTree(each);
      const totalSizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
      t.is(files.length, each.fileCount);
      t.is(totalSizeBytes, each.totalSizeBytes);
      t.is(new Set(files.map((file) => file.path)).size, files.length);
      t.true(files.every((file) => file.sizeBytes >= 0 && isSafeTreePath(file.path)));
    }),
  );
});
