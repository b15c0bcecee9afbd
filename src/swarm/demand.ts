import type { WantedRange } from '../protocol/peer-wire/extensions.ts';

/** Pieces `[first, end)`. */
export type PieceRange = { readonly first: number; readonly end: number };

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

/**
 * What this node's installer waits for, what it will read for certain, and what it will perhaps
 * read soon: the window past each of its last requests.
 */
export class Demand {
  readonly #pieceCount: number;
  readonly #limits: DemandLimits;
  readonly #open = new Set<OpenRead>();
  readonly #recentEnds: number[] = [];
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
    this.#remember(range.end);
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

  /** The windows past the last requests, each piece once. */
  ahead(): PieceRange[] {
    const ranges = this.#recentEnds.map((end) => ({
      first: end,
      end: Math.min(this.#pieceCount, end + this.#limits.aheadPieces),
    }));
    return mergeRanges(ranges);
  }

  /** True for a piece of the windows past the last requests. */
  isAhead(piece: number): boolean {
    return this.#recentEnds.some((end) => piece >= end && piece < end + this.#limits.aheadPieces);
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

  #remember(end: number): void {
    const known = this.#recentEnds.indexOf(end);
    if (known >= 0) this.#recentEnds.splice(known, 1);
    this.#recentEnds.push(end);
    if (this.#recentEnds.length > recentReads) this.#recentEnds.shift();
  }
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
