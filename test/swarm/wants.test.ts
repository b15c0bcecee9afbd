import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import type { WantedRange } from '../../src/protocol/peer-wire/extensions.ts';
import type { PieceRange } from '../../src/swarm/piece-range.ts';
import { Wants } from '../../src/swarm/wants.ts';

const pieceCount = 60;

/** What a node that has some pieces tells of what it reads ahead. */
function toldOf(ahead: readonly PieceRange[], here: Iterable<number>): WantedRange[] {
  const held = new Bitfield(pieceCount);
  for (const piece of here) held.add(piece);
  const demand = { urgent: () => [], soon: () => [], ahead: () => ahead };
  return new Wants(demand, { held }).ranges([], true);
}

function piecesOf(ranges: readonly WantedRange[]): number[] {
  const pieces = ranges.flatMap(({ firstPiece, count }) =>
    Array.from({ length: count }, (_, index) => firstPiece + index),
  );
  return [...new Set(pieces)];
}

const ranges = fc.array(
  fc
    .tuple(fc.nat(pieceCount - 1), fc.integer({ min: 1, max: 12 }))
    .map(([first, count]) => ({ first, end: Math.min(pieceCount, first + count) })),
  { maxLength: 12 },
);

test('all that is missing is told in its order, and nothing that is not wanted', (t) => {
  const check = () =>
    fc.assert(
      fc.property(ranges, fc.uniqueArray(fc.nat(pieceCount - 1)), (ahead, here) => {
        const wanted = piecesOf(
          ahead.map(({ first, end }) => ({
            firstPiece: first,
            count: end - first,
            overdue: false,
          })),
        );
        const told = piecesOf(toldOf(ahead, here));
        const isMissing = (piece: number) => !here.includes(piece);
        assert.deepEqual(told.filter(isMissing), wanted.filter(isMissing));
        assert.ok(told.every((piece) => wanted.includes(piece)));
      }),
    );
  t.notThrows(check);
});

test('files that lie together are told as one range, with holes in it', (t) => {
  const ahead = [
    { first: 10, end: 14 },
    { first: 13, end: 20 },
    { first: 20, end: 24 },
  ];
  const told = toldOf(ahead, [10, 12, 15, 17, 19, 23]);
  t.deepEqual(told, [{ firstPiece: 11, count: 12, overdue: false }]);
});

test('what lies apart or in another order is told apart, what is here is not', (t) => {
  const ahead = [
    { first: 40, end: 44 },
    { first: 50, end: 52 },
    { first: 30, end: 40 },
  ];
  t.deepEqual(toldOf(ahead, [50, 51, 39]), [
    { firstPiece: 40, count: 4, overdue: false },
    { firstPiece: 30, count: 9, overdue: false },
  ]);
});
