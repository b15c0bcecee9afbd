import type { Bitfield } from '../protocol/bitfield.ts';
import type { Demand } from './demand.ts';
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

const longestScan = 2048;

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

/**
 * The same choice from a short list of what a peer has had to offer of late, which most of the
 * time is all that it has and this node lacks. What is held by now is taken off the list.
 */
export function chooseFresh(
  state: PickerState,
  offered: Bitfield,
  fresh: number[],
): number | undefined {
  const urgent = chooseUrgent(state, offered);
  if (urgent !== undefined) return urgent;
  const mayReadAhead = state.mayReadAhead();
  let best: number | undefined;
  let leastCost = Number.POSITIVE_INFINITY;
  let ties = 0;
  let kept = 0;
  for (const piece of fresh) {
    if (state.held.has(piece) || !offered.has(piece)) continue;
    fresh[kept++] = piece;
    const cost = costOf(state, piece, mayReadAhead);
    if (cost > leastCost || cost === Number.POSITIVE_INFINITY) continue;
    ties = cost < leastCost ? 1 : ties + 1;
    leastCost = cost;
    if (state.random() * ties < 1) best = piece;
  }
  fresh.length = kept;
  return best;
}

const aheadCost = 100_000;

function costOf(state: PickerState, piece: number, mayReadAhead: boolean): number {
  if (state.isInFlight(piece)) return Number.POSITIVE_INFINITY;
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
  const count = Math.min(total, longestScan);
  visit(ranges, { start, end: Math.min(total, start + count) }, consider);
  visit(ranges, { start: 0, end: start + count - total }, consider);
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
