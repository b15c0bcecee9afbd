import type { WantedRange } from '../protocol/peer-wire/extensions.ts';
import { type Demand, mergeRanges, toWants } from './demand.ts';
import type { PieceBook } from './piece-book.ts';
import type { PieceRange } from './piece-range.ts';

/** What an installer waits for, since when: to know what is late, and to tell the frontend. */
export class Wants {
  readonly #demand: Pick<Demand, 'urgent' | 'soon' | 'ahead'>;
  readonly #book: Pick<PieceBook, 'held'>;
  readonly #since = new Map<number, number>();

  constructor(demand: Pick<Demand, 'urgent' | 'soon' | 'ahead'>, book: Pick<PieceBook, 'held'>) {
    this.#demand = demand;
    this.#book = book;
  }

  /** The pieces that are waited for and not here, in the order in which they are needed. */
  waiting(): number[] {
    const pieces = new Set<number>();
    for (const range of this.#demand.urgent()) {
      for (let piece = range.first; piece < range.end; piece += 1) {
        if (!this.#book.held.has(piece)) pieces.add(piece);
      }
    }
    return [...pieces];
  }

  /** Of those, the ones waited for at least this long. */
  overdue(nowMs: number, lateMs: number): number[] {
    const waiting = this.waiting();
    const known = new Set(waiting);
    for (const piece of this.#since.keys()) if (!known.has(piece)) this.#since.delete(piece);
    for (const piece of waiting) if (!this.#since.has(piece)) this.#since.set(piece, nowMs);
    return waiting.filter((piece) => nowMs - (this.#since.get(piece) ?? nowMs) >= lateMs);
  }

  /** For the frontend: the late ones, then all the rest in order of need. */
  ranges(overdue: readonly number[], readAhead: boolean): WantedRange[] {
    const late = mergeRanges(overdue.map((piece) => ({ first: piece, end: piece + 1 })));
    return [
      ...toWants(late, true),
      ...toWants(this.#demand.urgent(), false),
      ...toWants(this.#demand.soon(), false),
      ...(readAhead ? toWants(this.#missing(this.#demand.ahead()), false) : []),
    ];
  }

  /**
   * Of what lies together, from the first that is not here to the last: what is here of it the
   * frontend hears within a second, and only so many ranges can be told.
   */
  #missing(ranges: readonly PieceRange[]): PieceRange[] {
    const { held } = this.#book;
    return joinNeighbours(ranges).flatMap(({ first, end }) => {
      while (first < end && held.has(first)) first += 1;
      while (first < end && held.has(end - 1)) end -= 1;
      return first < end ? [{ first, end }] : [];
    });
  }
}

/** The same pieces in the same order. */
function joinNeighbours(ranges: readonly PieceRange[]): PieceRange[] {
  const joined: { readonly first: number; end: number }[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    const isNeighbour = last !== undefined && range.first >= last.first && range.first <= last.end;
    if (isNeighbour) last.end = Math.max(last.end, range.end);
    else joined.push({ ...range });
  }
  return joined;
}

/** What is wanted and not here, the first so many of it. */
export function listMissing(demand: Demand, book: PieceBook, most: number): readonly number[] {
  const missing = new Set<number>();
  for (const range of [...demand.urgent(), ...demand.soon(), ...demand.ahead()]) {
    for (let piece = range.first; piece < range.end; piece += 1) {
      if (!book.held.has(piece)) missing.add(piece);
      if (missing.size >= most) return [...missing];
    }
  }
  return [...missing];
}
