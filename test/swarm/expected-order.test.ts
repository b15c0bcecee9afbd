import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Demand } from '../../src/swarm/demand.ts';
import { ExpectedOrder } from '../../src/swarm/expected-order.ts';
import type { PieceRange } from '../../src/swarm/piece-range.ts';

const limits = { urgentPieces: 1, soonPieces: 8, aheadPieces: 4 };

function file(place: number): PieceRange {
  return { first: place * 2, end: place * 2 + 2 };
}

function readAll(demand: Demand, places: readonly number[]): void {
  for (const place of places) demand.open(file(place)).close();
}

test('before the first read the beginning of the order is expected, and nothing without one', (t) => {
  const demand = new Demand(100, limits);
  t.deepEqual(demand.ahead(), []);
  demand.expect([file(7), file(3), file(9)], true);
  t.deepEqual(demand.ahead(), [file(7), file(3)]);
  t.true(demand.isAhead(15));
  t.false(demand.isAhead(18));
});

test('after a read what others read next is expected, not the next pieces', (t) => {
  const demand = new Demand(100, limits);
  demand.expect([file(7), file(3), file(9), file(1)], true);
  readAll(demand, [7, 3]);
  t.deepEqual(demand.ahead(), [file(9), file(1)]);
  readAll(demand, [9]);
  t.deepEqual(demand.ahead(), [file(1)]);
});

test('what others left out is not expected; what was left out here is forgotten', (t) => {
  const demand = new Demand(1000, limits);
  demand.expect([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120].map(file), true);
  readAll(demand, [0, 20, 30, 40, 50, 60, 70, 80, 90]);
  t.deepEqual(demand.ahead(), [file(100), file(110)]);
});

test('reads that the order does not have are followed by the next pieces, until one that it has', (t) => {
  const demand = new Demand(1000, limits);
  demand.expect([file(100), file(200)], true);
  readAll(demand, [5]);
  t.deepEqual(demand.ahead(), [{ first: 12, end: 16 }]);
  readAll(demand, [100]);
  t.deepEqual(demand.ahead(), [file(200)]);
});

test('a new order takes the place of the old one, and knows what was read before it came', (t) => {
  const demand = new Demand(1000, limits);
  readAll(demand, [4, 5]);
  demand.expect([file(4), file(5), file(300), file(200)], true);
  t.deepEqual(demand.ahead(), [file(300), file(200)]);
  demand.expect([], true);
  t.deepEqual(demand.ahead(), [{ first: 10, end: 16 }]);
});

test('behind the end of an order that is still growing the next pieces are read ahead', (t) => {
  const demand = new Demand(1000, limits);
  demand.expect([file(7), file(3)], false);
  readAll(demand, [7, 3]);
  t.deepEqual(demand.ahead(), [
    { first: 8, end: 12 },
    { first: 16, end: 20 },
  ]);
});

const places = fc.uniqueArray(fc.nat(60), { maxLength: 60, size: 'max' });

test('what is expected is of the order, not read, once each, and bounded for each place', (t) => {
  const property = fc.property(
    places,
    places,
    fc.integer({ min: 1, max: 50 }),
    (list, read, most) => {
      const order = new ExpectedOrder(list.map(file));
      const isRead = new Set(read);
      const recent = read.slice(-8).map(file);
      const next = order.after({ has: ({ first }) => isRead.has(first / 2), recent }, most);
      const known = recent.filter(({ first }) => list.includes(first / 2));
      assert.equal(next === undefined, recent.length > 0 && known.length === 0);
      const found = (next ?? []).map(({ first }) => first / 2);
      assert.equal(new Set(found).size, found.length);
      for (const place of found) assert.ok(list.includes(place) && !isRead.has(place));
      assert.ok(found.length <= Math.max(1, known.length) * Math.ceil(most / 2));
      const places = found.map((place) => list.indexOf(place));
      assert.deepEqual(
        places,
        [...places].sort((one, other) => one - other),
      );
    },
  );
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('read in the expected order, everything was expected before it was read', (t) => {
  const property = fc.property(places, (list) => {
    const demand = new Demand(200, limits);
    demand.expect(list.map(file), true);
    for (const place of list) {
      assert.ok(demand.isAhead(place * 2) && demand.isAhead(place * 2 + 1), `place ${place}`);
      readAll(demand, [place]);
    }
  });
  t.notThrows(() => fc.assert(property, { numRuns: 500 }));
});
