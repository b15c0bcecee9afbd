import { maximumWantedRanges, type WantedRange } from '../protocol/peer-wire/extensions.ts';
import { type Demand, mergeRanges, toWants } from './demand.ts';
import type { PieceBook } from './piece-book.ts';
import type { PieceRange } from './piece-range.ts';

const mostHoles = maximumWantedRanges / 2;

/** What an installer waits for, since when: to know what is late, and to tell the frontend. */
export class Wants {
  readonly #demand: Demand;
  readonly #book: PieceBook;
  readonly #since = new Map<number, number>();

  constructor(demand: Demand, book: PieceBook) {
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

  /** What is not here, in the same order; all, where only that is told in few ranges: the rest is cut. */
  #missing(ranges: readonly PieceRange[]): readonly PieceRange[] {
    const missing: { first: number; end: number }[] = [];
    for (const range of ranges) {
      for (let piece = range.first; piece < range.end; piece += 1) {
        if (this.#book.held.has(piece)) continue;
        const last = missing.at(-1);
        if (last?.end === piece) last.end += 1;
        else missing.push({ first: piece, end: piece + 1 });
      }
    }
    const isShorter = missing.length > mostHoles && ranges.length <= mostHoles;
    return isShorter ? ranges : missing;
  }
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
