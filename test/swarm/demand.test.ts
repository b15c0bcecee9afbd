import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Demand, mergeRanges, toWants } from '../../src/swarm/demand.ts';
import type { PieceRange } from '../../src/swarm/piece-range.ts';

const pieceCount = 60;
const range: fc.Arbitrary<PieceRange> = fc
  .tuple(fc.nat(pieceCount), fc.nat(pieceCount))
  .map(([one, other]) => ({ first: Math.min(one, other), end: Math.max(one, other) }));
const limits = fc.record({
  urgentPieces: fc.integer({ min: 1, max: 10 }),
  soonPieces: fc.integer({ min: 1, max: 40 }),
  aheadPieces: fc.integer({ min: 1, max: 20 }),
});
const read = fc.record({ range, advancedBy: fc.nat(pieceCount), closed: fc.boolean() });
const reads = fc.array(read, { maxLength: 12 });

type Read = { readonly range: PieceRange; readonly advancedBy: number; readonly closed: boolean };

function demandOf(list: readonly Read[], given: ConstructorParameters<typeof Demand>[1]): Demand {
  const demand = new Demand(pieceCount, given);
  for (const { range: asked, advancedBy, closed } of list) {
    const opened = demand.open(asked);
    opened.advance(Math.min(asked.end, asked.first + advancedBy));
    if (closed) opened.close();
  }
  return demand;
}

function piecesOf(ranges: readonly PieceRange[]): number[] {
  return ranges.flatMap(({ first, end }) =>
    Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index),
  );
}

function asSet(ranges: readonly PieceRange[]): Set<number> {
  return new Set(piecesOf(ranges));
}

test('merged ranges are the same pieces, in order, none twice, none next to another', (t) => {
  const property = fc.property(fc.array(range), (ranges) => {
    const merged = mergeRanges(ranges);
    const pieces = piecesOf(merged);
    assert.deepEqual(
      pieces,
      [...asSet(ranges)].sort((one, other) => one - other),
    );
    merged.forEach((each, index) => {
      assert.ok(each.first < each.end);
      assert.ok(each.first > (merged[index - 1]?.end ?? -1));
    });
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

test('merging leaves its input alone', (t) => {
  const input = [
    { first: 5, end: 9 },
    { first: 0, end: 6 },
  ] as const;
  const copy = structuredClone(input);
  mergeRanges(input);
  t.deepEqual(input, copy);
});

test('what is urgent or soon lies under an open request, past what was handed over', (t) => {
  const property = fc.property(reads, limits, (list, given) => {
    const demand = demandOf(list, given);
    const open = list.filter((each) => !each.closed);
    const unread = asSet(
      open.map((each) => ({
        first: each.range.first + each.advancedBy,
        end: each.range.end,
      })),
    );
    for (const piece of asSet([...demand.urgent(), ...demand.soon()])) {
      assert.ok(unread.has(piece), `piece ${piece}`);
    }
    for (const each of open) {
      const next = each.range.first + each.advancedBy;
      if (next < each.range.end) assert.ok(asSet(demand.urgent()).has(next));
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

test('no more is soon than the limit, and the limit is shared by all requests', (t) => {
  const property = fc.property(reads, limits, (list, given) => {
    const soon = piecesOf(demandOf(list, given).soon());
    assert.ok(soon.length < given.soonPieces + list.length + 1);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});

test('the quick questions agree with the lists', (t) => {
  const property = fc.property(reads, limits, fc.nat(pieceCount - 1), (list, given, piece) => {
    const demand = demandOf(list, given);
    assert.equal(demand.isSoon(piece), asSet([...demand.urgent(), ...demand.soon()]).has(piece));
    assert.equal(demand.isAhead(piece), asSet(demand.ahead()).has(piece));
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('nothing lies past the last piece, whatever was asked for', (t) => {
  const property = fc.property(reads, limits, (list, given) => {
    const demand = demandOf(list, given);
    const all = piecesOf([...demand.urgent(), ...demand.soon(), ...demand.ahead()]);
    assert.ok(all.every((piece) => piece >= 0 && piece < pieceCount));
  });
  t.notThrows(() => fc.assert(property));
});

test('reading ahead remembers the last requests only, also when they are repeated', (t) => {
  const demand = new Demand(10_000, { urgentPieces: 1, soonPieces: 1, aheadPieces: 10 });
  for (let start = 0; start < 5000; start += 100) {
    demand.open({ first: start, end: start + 1 }).close();
    demand.open({ first: start, end: start + 1 }).close();
  }
  t.true(demand.ahead().length <= 8);
  t.true(demand.isAhead(4901));
  t.false(demand.isAhead(1));
});

test('a request that was closed wants nothing more, closed twice or not', (t) => {
  const demand = new Demand(100, { urgentPieces: 4, soonPieces: 10, aheadPieces: 5 });
  const opened = demand.open({ first: 0, end: 50 });
  opened.close();
  opened.close();
  opened.advance(3);
  t.deepEqual(demand.urgent(), []);
  t.deepEqual(demand.soon(), []);
  t.deepEqual(demand.ahead(), [{ first: 50, end: 55 }]);
});

test('wants say the same pieces as the ranges', (t) => {
  t.deepEqual(toWants([{ first: 3, end: 7 }], true), [{ firstPiece: 3, count: 4, overdue: true }]);
});
