import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { FoundPieces } from '../../../src/swarm/store/found-pieces.ts';
import type { SlotLabel } from '../../../src/swarm/store/slot-records.ts';

const hashOf = (name: number) => createHash('sha1').update(String(name)).digest();
const label = fc.record({
  name: fc.nat(5),
  part: fc.nat(3),
  parts: fc.integer({ min: 1, max: 4 }),
});
const slots = fc.array(fc.option(label, { nil: undefined, freq: 5 }), {
  size: 'max',
  maxLength: 40,
});

test('every slot is loose, or part of one piece that can be claimed whole, once', (t) => {
  const property = fc.property(slots, (list) => {
    const labelOf = (slot: number): SlotLabel | undefined => {
      const found = list[slot];
      if (found === undefined || found.part >= found.parts) return undefined;
      const { name, part, parts } = found;
      return { pieceHash: hashOf(name), sizeBytes: 100 + parts, part, parts };
    };
    const found = new FoundPieces();
    const seen = new Set(found.read(list.length, labelOf));
    const { count: pieces } = found;
    let claimed = 0;
    for (let name = 0; name <= 5; name += 1) {
      for (let parts = 1; parts <= 4; parts += 1) {
        const taken = found.claim(hashOf(name), 100 + parts);
        if (taken === undefined) continue;
        claimed += 1;
        assert.equal(taken.length, parts);
        for (const [part, slot] of taken.entries()) {
          assert.deepEqual(labelOf(slot), {
            ...{ pieceHash: hashOf(name), sizeBytes: 100 + parts },
            ...{ part, parts },
          });
          assert.ok(!seen.has(slot));
          seen.add(slot);
        }
        assert.equal(found.claim(hashOf(name), 100 + parts), undefined);
      }
    }
    assert.equal(claimed, pieces);
    assert.equal(seen.size, list.length);
    assert.equal(found.count, 0);
  });
  t.notThrows(() => fc.assert(property));
});

test('what is given up gives its slots back until nothing is left', (t) => {
  const found = new FoundPieces();
  const loose = found.read(6, (slot) => ({
    pieceHash: hashOf(slot >> 1),
    sizeBytes: 100_000,
    part: slot & 1,
    parts: 2,
  }));
  t.deepEqual(loose, []);
  t.is(found.claim(hashOf(1), 99_999), undefined);
  const given = [found.giveUpOne(), found.giveUpOne(), found.giveUpOne(), found.giveUpOne()];
  t.deepEqual(given.flat().sort(), [0, 1, 2, 3, 4, 5]);
  t.is(found.claim(hashOf(1), 100_000), undefined);
});
