import type { Bitfield } from '../protocol/bitfield.ts';
import type { Demand, PieceRange } from './demand.ts';

/**
 * Which piece to ask a peer for next. What it weighs, in this order:
 *
 * 1. What the installer waits for, in the order in which it asked.
 * 2. The rest of the files that it has asked for, the rarest first: what few peers hold is what
 *    this node can soon pass on.
 * 3. What it will perhaps ask for next (the window past its last requests), the rarest first,
 *    as long as not too much lies here that was never asked for.
 *
 * Among equals a random place to start makes nodes choose differently. A piece is asked of one
 * peer at a time; asking twice is decided in `chooseAgain`, for what has been waited for too long
 * and for the last pieces of all.
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
  const isOpen = (piece: number) =>
    offered.has(piece) && !state.held.has(piece) && !state.isInFlight(piece);
  for (const range of state.demand.urgent()) {
    for (let piece = range.first; piece < range.end; piece += 1) if (isOpen(piece)) return piece;
  }
  const soon = chooseRarest(state, state.demand.soon(), isOpen);
  if (soon !== undefined || !state.mayReadAhead()) return soon;
  return chooseRarest(state, state.demand.ahead(), isOpen);
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
    if (copies < fewest && isOpen(piece)) {
      best = piece;
      fewest = copies;
    }
  };
  const start = Math.floor(state.random() * total);
  visit(ranges, { start, count: Math.min(total, longestScan), total }, consider);
  return best;
}

/** Visits `count` pieces of the ranges from the `start`-th on, round the end if need be. */
function visit(
  ranges: readonly PieceRange[],
  window: { readonly start: number; readonly count: number; readonly total: number },
  consider: (piece: number) => void,
): void {
  const beforeWrap = Math.min(window.count, window.total - window.start);
  visitFrom(ranges, window.start, beforeWrap, consider);
  visitFrom(ranges, 0, window.count - beforeWrap, consider);
}

function visitFrom(
  ranges: readonly PieceRange[],
  start: number,
  count: number,
  consider: (piece: number) => void,
): void {
  let skip = start;
  let left = count;
  for (const range of ranges) {
    const length = range.end - range.first;
    if (skip >= length) {
      skip -= length;
      continue;
    }
    const end = Math.min(range.end, range.first + skip + left);
    for (let piece = range.first + skip; piece < end; piece += 1) consider(piece);
    left -= end - (range.first + skip);
    skip = 0;
    if (left <= 0) return;
  }
}
