import test from 'ava';
import fc from 'fast-check';
import { planStoreBytes } from '../../src/simulator/store-share.ts';

const mebibyte = 1024 * 1024;

test('eight nodes keep the whole tree when the disk has room', (t) => {
  const treeBytes = 100 * mebibyte;
  const share = planStoreBytes({ treeBytes, nodeCount: 8, freeBytes: 100_000 * mebibyte });
  t.true(share >= treeBytes && share < 1.2 * treeBytes);
});

test('all stores together take half of the free disk at most, but never less than they need', (t) => {
  const options = fc.record({
    treeBytes: fc.nat(2 ** 40),
    nodeCount: fc.integer({ min: 1, max: 64 }),
    freeBytes: fc.nat(2 ** 40),
  });
  fc.assert(
    fc.property(options, (each) => {
      const share = planStoreBytes(each);
      t.true(Number.isInteger(share) && share >= 16 * mebibyte);
      t.true(share === 16 * mebibyte || share * each.nodeCount <= each.freeBytes / 2);
      t.true(share * each.nodeCount <= 4096 * mebibyte);
    }),
  );
});
