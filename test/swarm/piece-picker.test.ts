import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { Demand } from '../../src/swarm/demand.ts';
import { chooseFresh, choosePiece, type PickerState } from '../../src/swarm/piece-picker.ts';

const pieceCount = 80;
const pieces = fc.uniqueArray(fc.nat(pieceCount - 1));
const limits = { urgentPieces: 4, soonPieces: 20, aheadPieces: 12 };

const situation = fc
  .record({
    offered: pieces,
    held: pieces,
    inFlight: pieces,
    copies: fc.array(fc.nat(5), { minLength: pieceCount, maxLength: pieceCount }),
    starts: fc.array(fc.nat(pieceCount - 1), { maxLength: 3 }),
    readAhead: fc.boolean(),
    random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  })
  .map((given) => {
    const demand = new Demand(pieceCount, limits);
    for (const start of given.starts) {
      demand.open({ first: start, end: Math.min(pieceCount, start + 40) });
    }
    const offered = fieldOf(given.offered);
    const availability = Uint16Array.from(given.copies, (count, piece) =>
      offered.has(piece) ? count + 1 : count,
    );
    const inFlight = new Set(given.inFlight);
    const state: PickerState = {
      demand,
      held: fieldOf(given.held),
      availability,
      isInFlight: (piece) => inFlight.has(piece),
      mayReadAhead: () => given.readAhead,
      random: () => given.random,
    };
    const isOpen = (piece: number) =>
      offered.has(piece) && !state.held.has(piece) && !inFlight.has(piece);
    return { ...given, state, offered, isOpen };
  });

function fieldOf(list: readonly number[]): Bitfield {
  const field = new Bitfield(pieceCount);
  for (const piece of list) field.add(piece);
  return field;
}

function openIn(ranges: ReturnType<Demand['ahead']>, isOpen: (piece: number) => boolean): number[] {
  const found: number[] = [];
  for (const { first, end } of ranges) {
    for (let piece = first; piece < end; piece += 1) if (isOpen(piece)) found.push(piece);
  }
  return found;
}

/** What the words above the picker promise: the pieces of which one has to be chosen. */
function expectedPieces({
  state,
  isOpen,
  readAhead,
}: {
  state: PickerState;
  isOpen: (piece: number) => boolean;
  readAhead: boolean;
}): number[] {
  const [urgent] = openIn(state.demand.urgent(), isOpen);
  if (urgent !== undefined) return [urgent];
  const soon = openIn(state.demand.soon(), isOpen);
  const candidates = soon.length > 0 || !readAhead ? soon : openIn(state.demand.ahead(), isOpen);
  const rarest = Math.min(...candidates.map((piece) => state.availability[piece] ?? 0));
  return candidates.filter((piece) => state.availability[piece] === rarest);
}

test('the choice is urgent before soon before ahead, the rarest of those, and open', (t) => {
  const property = fc.property(situation, (given) => {
    const expected = expectedPieces(given);
    const chosen = choosePiece(given.state, given.offered);
    if (expected.length === 0) assert.equal(chosen, undefined);
    else assert.ok(chosen !== undefined && expected.includes(chosen), `${chosen} of ${expected}`);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('the choice from the list of what a peer offers is the same', (t) => {
  const property = fc.property(situation, (given) => {
    const expected = expectedPieces(given);
    const chosen = chooseFresh(
      given.state,
      given.offered,
      [...given.offered.bytes.keys()]
        .flatMap((byte) => Array.from({ length: 8 }, (_, bit) => byte * 8 + bit))
        .filter((piece) => given.offered.has(piece)),
    );
    if (expected.length === 0) assert.equal(chosen, undefined);
    else assert.ok(chosen !== undefined && expected.includes(chosen), `${chosen} of ${expected}`);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('the list loses only what is held or not offered any more', (t) => {
  const property = fc.property(situation, pieces, (given, list) => {
    const fresh = [...list];
    const urgent = openIn(given.state.demand.urgent(), given.isOpen).length > 0;
    chooseFresh(given.state, given.offered, fresh);
    const kept = list.filter((piece) => given.offered.has(piece) && !given.state.held.has(piece));
    assert.deepEqual(fresh, urgent ? list : kept);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('among equals every piece is chosen now and then', (t) => {
  const demand = new Demand(pieceCount, limits);
  demand.open({ first: 0, end: pieceCount });
  const all = fieldOf(Array.from({ length: pieceCount }, (_, piece) => piece));
  const state: PickerState = {
    demand,
    held: fieldOf([0, 1, 2, 3]),
    availability: new Uint16Array(pieceCount).fill(1),
    isInFlight: () => false,
    mayReadAhead: () => false,
    random: Math.random,
  };
  const chosen = new Set<number | undefined>();
  const freshChosen = new Set<number | undefined>();
  for (let run = 0; run < 2000; run += 1) {
    chosen.add(choosePiece(state, all));
    freshChosen.add(
      chooseFresh(
        state,
        all,
        Array.from({ length: pieceCount }, (_, piece) => piece),
      ),
    );
  }
  const soon = new Set(openIn(demand.soon(), () => true));
  t.deepEqual(chosen.symmetricDifference(soon), new Set());
  t.deepEqual(freshChosen.symmetricDifference(soon), new Set());
});

test('a wide window is searched from anywhere in it, and still only inside it', (t) => {
  const wide = 10_000;
  const demand = new Demand(wide, { urgentPieces: 1, soonPieces: 9000, aheadPieces: 10 });
  demand.open({ first: 0, end: 9000 });
  const offered = new Bitfield(wide);
  offered.addAll();
  const held = new Bitfield(wide);
  held.add(0);
  for (const random of [0, 0.1, 0.5, 0.9, 0.999_999]) {
    const state: PickerState = {
      demand,
      held,
      availability: new Uint16Array(wide).fill(1),
      isInFlight: () => false,
      mayReadAhead: () => true,
      random: () => random,
    };
    const piece = choosePiece(state, offered);
    t.true(piece !== undefined && piece >= 1 && piece < 9000, `${piece}`);
  }
});
