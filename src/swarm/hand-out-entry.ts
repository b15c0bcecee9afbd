import type { WantedRange } from '../protocol/peer-wire/extensions.ts';

/** What a seeder knows of one peer that it hands out to. */
export type Entry = {
  wants: readonly WantedRange[] | undefined;
  /** Piece → when it was shown; not yet confirmed. */
  readonly onTheWay: Map<number, number>;
  readonly shown: Set<number>;
  /** Nothing was found for it: it is not looked at again before this time. */
  dryUntilMs: number;
  /** How many pieces it was shown, the last seconds counting most. */
  given: number;
  /** What it was shown last has gone stale: it gets one piece at a time, beside the window. */
  stalled: boolean;
  readonly overdueOnTheWay: Set<number>;
};

/** It wants nothing until it is known what. */
export function createEntry(): Entry {
  return {
    wants: [],
    onTheWay: new Map(),
    shown: new Set(),
    dryUntilMs: 0,
    given: 0,
    stalled: false,
    overdueOnTheWay: new Set(),
  };
}

/** Who fetches what it is shown comes first, then who was shown least of late. */
export function comesBefore(one: Entry, other: Entry): boolean {
  if (one.stalled !== other.stalled) return other.stalled;
  return one.given < other.given;
}

/** Ranges that name more pieces than there are twice over are nobody's needs: the rest is cut. */
export function withinReason(wants: readonly WantedRange[], pieceCount: number): WantedRange[] {
  let left = pieceCount * 2;
  return wants.filter((range) => {
    left -= range.count;
    return left >= 0;
  });
}
