import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { SlotTable } from '../../../src/swarm/store/slot-table.ts';

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('take', 'take', 'take', 'free', 'refuse', 'rest'),
    which: fc.nat(20),
  }),
  { size: 'max', maxLength: 200 },
);

test('a slot has one owner, there are never more than may be, and none is lost for good', (t) => {
  const property = fc.property(steps, fc.integer({ min: 1, max: 12 }), (list, capacity) => {
    const table = new SlotTable(capacity);
    const taken = new Set<number>();
    let nowMs = 0;
    for (const { kind, which } of list) {
      const one = [...taken][which % Math.max(1, taken.size)];
      if (kind === 'take') {
        const slot = table.take(nowMs);
        if (slot !== undefined) {
          assert.ok(!taken.has(slot) && slot >= 0 && slot < capacity);
          taken.add(slot);
        }
      } else if (kind === 'rest') nowMs += 3000;
      else if (one !== undefined && taken.delete(one)) {
        if (kind === 'free') table.free(one);
        else table.refuse(one, nowMs);
      }
      assert.equal(table.usedSlots, taken.size);
      assert.ok(table.capacitySlots(nowMs) >= taken.size);
      assert.ok(table.capacitySlots(nowMs) <= capacity);
    }
    nowMs += 60_000;
    while (taken.size < capacity) {
      const slot = table.take(nowMs);
      assert.ok(slot !== undefined && !taken.has(slot));
      taken.add(slot);
    }
    assert.equal(table.take(nowMs), undefined);
  });
  t.notThrows(() => fc.assert(property));
});

test('a disk that refused is asked for no more room for a while, but what it gave is used', (t) => {
  const table = new SlotTable(10);
  const [one, other] = [table.take(0), table.take(0)];
  table.refuse(Number(other), 0);
  t.is(table.capacitySlots(1), 1);
  t.is(table.take(1), undefined);
  table.free(Number(one));
  t.is(table.take(2), one);
  t.is(table.take(4_999), undefined);
  t.is(table.take(5_000), other);
  t.is(table.capacitySlots(5_000), 10);
});
