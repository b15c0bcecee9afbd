import assert from 'node:assert/strict';
import test from 'ava';
import fc from 'fast-check';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { Demand } from '../../src/swarm/demand.ts';
import {
  chooseAmong,
  choosePiece,
  listOpen,
  type PickerState,
} from '../../src/swarm/piece-picker.ts';

const pieceCount = 80;
const pieces = fc.uniqueArray(fc.nat(pieceCount - 1));
const all = Array.from({ length: pieceCount });
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

test('the choice from a list of all that is open, or of more, is the same', (t) => {
  const property = fc.property(situation, fc.boolean(), (given, isMore) => {
    const expected = expectedPieces(given);
    const list = isMore ? [...all.keys()] : listOpen(given.state, pieceCount);
    const chosen = chooseAmong(given.state, given.offered, list ?? []);
    if (expected.length === 0) assert.equal(chosen, undefined);
    else assert.ok(chosen !== undefined && expected.includes(chosen), `${chosen} of ${expected}`);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 2000 }));
});

test('what is open is listed up to a limit', (t) => {
  const property = fc.property(situation, fc.nat(pieceCount), (given, most) => {
    const list = listOpen(given.state, pieceCount) ?? [];
    assert.deepEqual(listOpen(given.state, most), list.length > most ? undefined : list);
  });
  t.notThrows(() => fc.assert(property, { numRuns: 1000 }));
});

test('among equals every piece is chosen now and then', (t) => {
  const demand = new Demand(pieceCount, limits);
  demand.open({ first: 0, end: pieceCount });
  const offered = fieldOf([...all.keys()]);
  const state: PickerState = {
    demand,
    held: fieldOf([0, 1, 2, 3]),
    availability: new Uint16Array(pieceCount).fill(1),
    isInFlight: () => false,
    mayReadAhead: () => false,
    random: Math.random,
  };
  const chosen = new Set<number | undefined>();
  const listChosen = new Set<number | undefined>();
  for (let run = 0; run < 2000; run += 1) {
    chosen.add(choosePiece(state, offered));
    listChosen.add(chooseAmong(state, offered, [...all.keys()]));
  }
  const soon = new Set(openIn(demand.soon(), () => true));
  t.deepEqual(chosen.symmetricDifference(soon), new Set());
  t.deepEqual(listChosen.symmetricDifference(soon), new Set());
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

test('the only open piece of wide windows is found from anywhere in them', (t) => {
  const wide = 10_000;
  const demand = new Demand(wide, { urgentPieces: 1, soonPieces: 9000, aheadPieces: 10 });
  demand.open({ first: 0, end: 4000 });
  demand.open({ first: 5000, end: 9000 });
  const offered = new Bitfield(wide);
  offered.addAll();
  for (const only of [1, 2047, 2048, 3999, 5001, 8999]) {
    for (const random of [0, 0.1, 0.5, 0.9, 0.999_999]) {
      const state: PickerState = {
        demand,
        held: new Bitfield(wide),
        availability: new Uint16Array(wide).fill(1),
        isInFlight: (piece) => piece !== only,
        mayReadAhead: () => true,
        random: () => random,
      };
      t.is(choosePiece(state, offered), only, `from ${random}`);
    }
  }
});
