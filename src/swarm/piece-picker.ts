import type { Bitfield } from '../protocol/bitfield.ts';
import { type Demand, mergeRanges } from './demand.ts';
import type { PieceRange } from './piece-range.ts';

/**
 * Which piece to ask a peer for next. What it weighs, in this order:
 *
 * 1. What the installer waits for, in the order in which it asked.
 * 2. The rest of the files that it has asked for, the rarest first: what few peers hold is what
 *    this node can soon pass on.
 * 3. What it will perhaps ask for next (the window past its last requests), the rarest first,
 *    as long as not too much lies here that was never asked for.
 *
 * Among equals the start is random, so that nodes choose differently. A piece is asked of one
 * peer at a time; asking twice is for what is late (see requests.ts). Of a peer in another rack
 * only that is asked which is this machine's to import (see rack-picker.ts).
 */
export type PickerState = {
  readonly demand: Demand;
  readonly held: Bitfield;
  /** How many peers have each piece. */
  readonly availability: Uint16Array;
  readonly isInFlight: (piece: number) => boolean;
  /** False when enough lies here that nobody asked for. */
  readonly mayReadAhead: () => boolean;
  /** In `[0, 1)`. */
  readonly random: () => number;
};

/** After so many pieces the rarest of them will do, if there is one. */
const longScan = 2048;

/** Undefined: this peer has nothing that is wanted now. */
export function choosePiece(state: PickerState, offered: Bitfield): number | undefined {
  const urgent = chooseUrgent(state, offered);
  if (urgent !== undefined) return urgent;
  const isOpen = (piece: number) =>
    offered.has(piece) && !state.held.has(piece) && !state.isInFlight(piece);
  const soon = chooseRarest(state, state.demand.soon(), isOpen);
  if (soon !== undefined || !state.mayReadAhead()) return soon;
  return chooseRarest(state, state.demand.ahead(), isOpen);
}

/** The same choice from a list in which all is that the peer could be asked for, and perhaps more. */
export function chooseAmong(
  state: PickerState,
  offered: Bitfield,
  pieces: readonly number[],
): number | undefined {
  const urgent = pieces.length === 0 ? [] : state.demand.urgent();
  const mayReadAhead = state.mayReadAhead();
  let best: number | undefined;
  let leastCost = Number.POSITIVE_INFINITY;
  let ties = 0;
  for (const piece of pieces) {
    if (!offered.has(piece) || state.held.has(piece)) continue;
    const cost = costOf(state, piece, { urgent, mayReadAhead });
    if (cost > leastCost || cost === Number.POSITIVE_INFINITY) continue;
    ties = cost < leastCost ? 1 : ties + 1;
    leastCost = cost;
    if (ties === 1 || state.random() * ties < 1) best = piece;
  }
  return best;
}

/** All that is wanted, and can be had of somebody; undefined: that is more than `most`. */
export function listOpen(state: PickerState, most: number): number[] | undefined {
  const { demand, held, availability } = state;
  const ahead = state.mayReadAhead() ? demand.ahead() : [];
  const open: number[] = [];
  for (const { first, end } of mergeRanges([...demand.urgent(), ...demand.soon(), ...ahead])) {
    for (let piece = first; piece < end; piece += 1) {
      if (availability[piece] === 0 || held.has(piece) || state.isInFlight(piece)) continue;
      if (open.length === most) return undefined;
      open.push(piece);
    }
  }
  return open;
}

const aheadCost = 100_000;
const urgentCost = -1e9;

type Now = { readonly urgent: readonly PieceRange[]; readonly mayReadAhead: boolean };

function costOf(state: PickerState, piece: number, { urgent, mayReadAhead }: Now): number {
  if (state.isInFlight(piece)) return Number.POSITIVE_INFINITY;
  const turn = urgent.findIndex(({ first, end }) => piece >= first && piece < end);
  const length = state.availability.length;
  if (turn >= 0) return urgentCost + turn * length + piece;
  const copies = state.availability[piece] ?? 0;
  if (state.demand.isSoon(piece)) return copies;
  const isWanted = mayReadAhead && state.demand.isAhead(piece);
  return isWanted ? aheadCost + copies : Number.POSITIVE_INFINITY;
}

function chooseUrgent(state: PickerState, offered: Bitfield): number | undefined {
  for (const range of state.demand.urgent()) {
    for (let piece = range.first; piece < range.end; piece += 1) {
      const isOpen = offered.has(piece) && !state.held.has(piece);
      if (isOpen && !state.isInFlight(piece)) return piece;
    }
  }
  return undefined;
}

function chooseRarest(
  state: PickerState,
  ranges: readonly PieceRange[],
  isOpen: (piece: number) => boolean,
): number | undefined {
  const total = ranges.reduce((sum, range) => sum + range.end - range.first, 0);
  if (total === 0) return undefined;
  let best: number | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  const consider = (piece: number) => {
    const copies = state.availability[piece] ?? 0;
    if (copies > 0 && copies < fewest && isOpen(piece)) {
      best = piece;
      fewest = copies;
    }
  };
  const start = Math.floor(state.random() * total);
  const count = Math.min(total, longScan);
  const wrapped = Math.max(0, start + count - total);
  visit(ranges, { start, end: Math.min(total, start + count) }, consider);
  visit(ranges, { start: 0, end: wrapped }, consider);
  if (best !== undefined) return best;
  visit(ranges, { start: start + count, end: total }, consider);
  visit(ranges, { start: wrapped, end: start }, consider);
  return best;
}

/** Visits the pieces of the ranges from the `start`-th on, up to and without the `end`-th. */
function visit(
  ranges: readonly PieceRange[],
  window: { readonly start: number; readonly end: number },
  consider: (piece: number) => void,
): void {
  let before = 0;
  for (const range of ranges) {
    const length = range.end - range.first;
    const from = range.first + Math.max(0, window.start - before);
    const to = range.first + Math.min(length, window.end - before);
    for (let piece = from; piece < to; piece += 1) consider(piece);
    before += length;
  }
}
