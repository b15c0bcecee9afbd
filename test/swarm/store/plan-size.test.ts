import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { planMovedSize, planStoreSize } from '../../../src/swarm/store/plan-size.ts';

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;
const sizes = fc.integer({ min: 0, max: 2 ** 43 });

test('the budget is a part of the memory and of the folder that leaves the rest to others', (t) => {
  const property = fc.property(sizes, fc.option(sizes, { nil: undefined }), (memory, freeBytes) => {
    const machine = { availableMemoryBytes: memory, freeBytes, leftBytes: 0 };
    const budget = planStoreSize(machine);
    assert.ok(budget >= 32 * mebibyte && budget <= 8 * gibibyte);
    if (budget > 32 * mebibyte) assert.ok(budget <= memory / 4);
    if (budget > 32 * mebibyte) assert.ok(budget <= (freeBytes ?? 2 ** 50) / 2);
    assert.ok(Number.isInteger(budget));
  });
  t.notThrows(() => fc.assert(property));
  const available = (mebibytes: number) =>
    planStoreSize({
      availableMemoryBytes: mebibytes * mebibyte,
      freeBytes: undefined,
      leftBytes: 0,
    }) / mebibyte;
  t.is(available(700), 175, 'a machine of 1 GiB');
  t.is(available(100), 32);
  t.is(available(64_000), 8192);
});

test('no machine from 512 MiB to 1 TiB loses more than a quarter of its memory to the store', (t) => {
  const machines = fc
    .record({
      memory: fc.integer({ min: 512 * mebibyte, max: 1024 * gibibyte }),
      available: fc.double({ min: 0, max: 1, noNaN: true }),
      free: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
      left: fc.double({ min: 0, max: 0.5, noNaN: true }),
    })
    .map(({ memory, available, free, left }) => {
      const availableMemoryBytes = Math.floor(memory * available);
      // What lies in a folder of the ramdisk is not available any more.
      const leftBytes = Math.floor((memory - availableMemoryBytes) * left);
      const freeBytes = free === undefined ? undefined : Math.floor(availableMemoryBytes * free);
      return { memory, availableMemoryBytes, freeBytes, leftBytes };
    });
  const property = fc.property(machines, ({ memory, ...machine }) => {
    const budget = planStoreSize(machine);
    const { availableMemoryBytes, leftBytes, freeBytes = memory } = machine;
    assert.ok(budget <= memory / 4 && budget <= 8 * gibibyte);
    const most = Math.min((availableMemoryBytes + leftBytes) / 4, (freeBytes + leftBytes) / 2);
    assert.ok(budget <= Math.max(32 * mebibyte, most));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1_000 }));
});

test('an agent that is started again has the budget that the one before it had', (t) => {
  const property = fc.property(sizes, sizes, (memory, freeBytes) => {
    const first = planStoreSize({ availableMemoryBytes: memory, freeBytes, leftBytes: 0 });
    const leftBytes = Math.min(first, memory, freeBytes);
    const second = planStoreSize({
      availableMemoryBytes: memory - leftBytes,
      freeBytes: freeBytes - leftBytes,
      leftBytes,
    });
    assert.equal(second, first);
  });
  t.notThrows(() => fc.assert(property));
});

test('on a disk it is a part, too, and no less than before where there is room', (t) => {
  const property = fc.property(sizes, sizes, (freeBytes, before) => {
    const budget = planMovedSize(freeBytes, before);
    assert.ok(budget <= freeBytes / 2 && budget <= 64 * gibibyte);
    if (before <= freeBytes / 2 && before <= 64 * gibibyte) assert.ok(budget >= before);
  });
  t.notThrows(() => fc.assert(property));
  t.is(planMovedSize(40 * gibibyte, 256 * mebibyte), 10 * gibibyte);
  t.is(planMovedSize(800 * mebibyte, 256 * mebibyte), 256 * mebibyte);
  t.is(planMovedSize(undefined, 256 * mebibyte), 256 * mebibyte, 'a disk that tells nothing');
  t.is(planMovedSize(undefined, 0), 0);
  t.is(planMovedSize(0, 256 * mebibyte), 0);
});
