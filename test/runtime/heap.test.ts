import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Heap } from '../../src/runtime/heap.ts';

test('whatever is put in and taken out, the least comes out', (t) => {
  const property = fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
    const heap = new Heap<number>((one, other) => one < other);
    const kept: number[] = [];
    for (const step of steps) {
      if (step === undefined) {
        assert.equal(heap.pop(), kept.shift());
        continue;
      }
      heap.push(step);
      kept.push(step);
      kept.sort((one, other) => one - other);
    }
  });
  t.notThrows(() => fc.assert(property));
});
