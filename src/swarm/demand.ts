import type { WantedRange } from '../protocol/peer-wire/extensions.ts';
import { ExpectedOrder } from './expected-order.ts';
import type { PieceRange } from './piece-range.ts';

export type DemandLimits = {
  /** How far past the byte that a reader waits for a piece is urgent. */
  readonly urgentPieces: number;
  /** How much of what was asked for is fetched before it is urgent, over all requests. */
  readonly soonPieces: number;
  /** How far past what was asked for is read ahead. */
  readonly aheadPieces: number;
};

/** One request of the installer, as the pieces under it. */
export type ReadDemand = {
  /** All before `piece` has been handed over. */
  readonly advance: (piece: number) => void;
  readonly close: () => void;
};

type OpenRead = { next: number; readonly end: number };

const recentReads = 8;
/** Beyond so many reads the oldest are forgotten. */
const mostReads = 100_000;

/**
 * What this node's installer waits for, what it will read for certain, and what it will perhaps
 * read soon: a window past each of its last requests, in the order in which machines like it have
 * read, or where that is not known, in the order of the pieces.
 */
export class Demand {
  readonly #pieceCount: number;
  readonly #limits: DemandLimits;
  readonly #open = new Set<OpenRead>();
  readonly #recent: PieceRange[] = [];
  readonly #reads = new Set<number>();
  #expected: ExpectedOrder | undefined;
  #isWhole = false;
  #ahead: Ahead | undefined;
  #changes = 0;

  constructor(pieceCount: number, limits: DemandLimits) {
    this.#pieceCount = pieceCount;
    this.#limits = limits;
  }

  /** Grows whenever there may be something new among what is wanted. */
  get changes(): number {
    return this.#changes;
  }

  open(range: PieceRange): ReadDemand {
    const read: OpenRead = { next: range.first, end: range.end };
    this.#open.add(read);
    this.#remember(range);
    this.#changes += 1;
    return {
      advance: (piece) => {
        if (piece + this.#reach() <= read.end) this.#changes += 1;
        read.next = piece;
      },
      close: () => {
        this.#open.delete(read);
        this.#changes += 1;
      },
    };
  }

  /** What readers wait for now, in the order in which they came. */
  urgent(): PieceRange[] {
    return [...this.#open]
      .map((read) => ({
        first: read.next,
        end: Math.min(read.end, read.next + this.#limits.urgentPieces),
      }))
      .filter((range) => range.first < range.end);
  }

  /** What follows of what was asked for, no more of it than the store can hold. */
  soon(): PieceRange[] {
    const reach = this.#reach();
    return [...this.#open]
      .map((read) => ({
        first: read.next + this.#limits.urgentPieces,
        end: Math.min(read.end, read.next + reach),
      }))
      .filter((range) => range.first < range.end);
  }

  /**
   * What machines like this one have read, in that order; replaces what was said before. `isWhole`:
   * they have read nothing behind its end.
   */
  expect(order: readonly PieceRange[], isWhole: boolean): void {
    this.#expected = order.length === 0 ? undefined : new ExpectedOrder(order);
    this.#isWhole = isWhole;
    this.#ahead = undefined;
    this.#changes += 1;
  }

  /** The windows past the last requests; of an expected order, in that order. */
  ahead(): readonly PieceRange[] {
    return this.#lookAhead().ranges;
  }

  /** True for a piece of the windows past the last requests. */
  isAhead(piece: number): boolean {
    const { ranges, pieces } = this.#lookAhead();
    if (pieces !== undefined) return pieces.has(piece);
    return ranges.some(({ first, end }) => piece >= first && piece < end);
  }

  /** True for a piece that is urgent or follows soon. */
  isSoon(piece: number): boolean {
    const reach = this.#reach();
    for (const read of this.#open) {
      if (piece >= read.next && piece < Math.min(read.end, read.next + reach)) return true;
    }
    return false;
  }

  /** How far past its cursor a request is fetched: more when it is alone. */
  #reach(): number {
    const each = Math.ceil(this.#limits.soonPieces / Math.max(1, this.#open.size));
    return this.#limits.urgentPieces + each;
  }

  /** Asked for at every choice of a piece, and another one only after a request. */
  #lookAhead(): Ahead {
    const { aheadPieces } = this.#limits;
    if (this.#ahead?.aheadPieces !== aheadPieces) {
      const expected = this.#expectedNext(aheadPieces);
      const pieces = expected && new Set(expected.flatMap(piecesOf));
      this.#ahead = { aheadPieces, ranges: expected ?? this.#nextPieces(aheadPieces), pieces };
    }
    return this.#ahead;
  }

  #expectedNext(mostPieces: number): readonly PieceRange[] | undefined {
    const has = (range: PieceRange) => this.#reads.has(this.#keyOf(range));
    const next = this.#expected?.after({ has, recent: this.#recent }, mostPieces);
    // Who is the first to come so far can only guess.
    return next?.length === 0 && !this.#isWhole ? undefined : next;
  }

  #nextPieces(mostPieces: number): readonly PieceRange[] {
    const ranges = this.#recent.map(({ end }) => ({
      first: end,
      end: Math.min(this.#pieceCount, end + mostPieces),
    }));
    return mergeRanges(ranges);
  }

  #remember(range: PieceRange): void {
    const known = this.#recent.findIndex(({ end }) => end === range.end);
    if (known >= 0) this.#recent.splice(known, 1);
    this.#recent.push(range);
    if (this.#recent.length > recentReads) this.#recent.shift();
    this.#reads.add(this.#keyOf(range));
    const [oldest] = this.#reads;
    if (this.#reads.size > mostReads && oldest !== undefined) this.#reads.delete(oldest);
    this.#ahead = undefined;
  }

  #keyOf({ first, end }: PieceRange): number {
    return first * (this.#pieceCount + 1) + end;
  }
}

type Ahead = {
  readonly aheadPieces: number;
  readonly ranges: readonly PieceRange[];
  /** The same, where the ranges are many. */
  readonly pieces: ReadonlySet<number> | undefined;
};

function piecesOf({ first, end }: PieceRange): number[] {
  return Array.from({ length: Math.max(0, end - first) }, (_, index) => first + index);
}

/** The same pieces in order, no piece twice. */
export function mergeRanges(ranges: readonly PieceRange[]): PieceRange[] {
  const merged: { first: number; end: number }[] = [];
  for (const range of [...ranges].sort((one, other) => one.first - other.first)) {
    const last = merged.at(-1);
    if (last !== undefined && range.first <= last.end) last.end = Math.max(last.end, range.end);
    else if (range.first < range.end) merged.push({ ...range });
  }
  return merged;
}

/** The ranges in the form in which a frontend is told. */
export function toWants(ranges: readonly PieceRange[], overdue: boolean): WantedRange[] {
  return ranges.map((range) => ({
    firstPiece: range.first,
    count: range.end - range.first,
    overdue,
  }));
}
