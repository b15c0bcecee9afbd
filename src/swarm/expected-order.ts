import type { PieceRange } from './piece-range.ts';

/** What this node has read so far. */
export type ReadsSoFar = {
  readonly has: (range: PieceRange) => boolean;
  /** The latest, oldest first. */
  readonly recent: readonly PieceRange[];
};

/**
 * What machines like this one have read, in that order, as ranges of pieces: from the place where
 * this one is, it says what comes next. A place is behind each of the latest reads, since
 * installers fetch over several connections and sometimes jump; before the first read it is the
 * beginning.
 */
export class ExpectedOrder {
  readonly #order: readonly PieceRange[];
  /** Of ranges that several files share, the first stands for all. */
  readonly #placeOf = new Map<string, number>();

  constructor(order: readonly PieceRange[]) {
    this.#order = order;
    for (const [place, range] of order.entries()) {
      const key = keyOf(range);
      if (!this.#placeOf.has(key)) this.#placeOf.set(key, place);
    }
  }

  /**
   * What comes next, without what was read: behind each of the latest reads as much as has
   * `mostPieces` in all. Undefined where this order says nothing of any of them.
   */
  after(reads: ReadsSoFar, mostPieces: number): PieceRange[] | undefined {
    const places = this.#placesBehind(reads.recent);
    if (places.length === 0) return undefined;
    const next: PieceRange[] = [];
    let taken = 0;
    for (const start of places) {
      let pieces = 0;
      for (let place = start; place < this.#order.length && pieces < mostPieces; place += 1) {
        const range = this.#order[place];
        if (range === undefined || reads.has(range)) continue;
        const { first } = range;
        const end = Math.min(range.end, first + mostPieces - pieces);
        pieces += end - first;
        // An earlier place has come so far already.
        if (place < taken) continue;
        next.push({ first, end });
        taken = place + 1;
      }
    }
    return next;
  }

  #placesBehind(recent: readonly PieceRange[]): number[] {
    if (recent.length === 0) return [0];
    const places = recent.flatMap((range) => this.#placeOf.get(keyOf(range)) ?? []);
    return places.map((place) => place + 1).sort((one, other) => one - other);
  }
}

function keyOf({ first, end }: PieceRange): string {
  return `${first}-${end}`;
}
