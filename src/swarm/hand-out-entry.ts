import type { Bitfield } from '../protocol/bitfield.ts';
import type { WantedRange } from '../protocol/peer-wire/extensions.ts';

/** What a seeder knows of one peer that it hands out to. */
export type Entry = {
  /** Who came first has the least. */
  readonly order: number;
  wants: readonly WantedRange[] | undefined;
  /** Piece → when it was shown; not yet confirmed. */
  readonly onTheWay: Map<number, number>;
  readonly shown: Set<number>;
  /** Nothing was found for it: it is not looked at again before this time. */
  dryUntilMs: number;
  /** The same for what it has waited for too long. */
  overdueDryUntilMs: number;
  /** How many pieces it was shown, the last seconds counting most. */
  given: number;
  /**
   * How often what it was shown has gone stale since it last fetched something. If ever, it gets one
   * piece at a time, beside the window, and more and more seldom.
   */
  stalls: number;
  /** What it has had and lost, if anything. */
  lost: Bitfield | undefined;
  readonly overdueOnTheWay: Set<number>;
  rack: number | undefined;
  /** What it is left to get from its rack though it is overdue, the first such piece. */
  awaited: { readonly piece: number; readonly sinceMs: number } | undefined;
};

/** It wants nothing until it is known what. */
export function createEntry(order: number): Entry {
  return {
    order,
    wants: [],
    onTheWay: new Map(),
    shown: new Set(),
    dryUntilMs: 0,
    overdueDryUntilMs: 0,
    given: 0,
    stalls: 0,
    lost: undefined,
    overdueOnTheWay: new Set(),
    rack: undefined,
    awaited: undefined,
  };
}

/** Who fetches what it is shown comes first, then who was shown least of late, then who came first. */
export function comesBefore(one: Entry, other: Entry): boolean {
  const isStalled = one.stalls > 0;
  if (isStalled !== other.stalls > 0) return !isStalled;
  if (one.given !== other.given) return one.given < other.given;
  return one.order < other.order;
}

/** Whether it may be shown something more, of so many at a time. */
export function isReady(entry: Entry, perPeer: number, nowMs: number): boolean {
  const most = entry.stalls > 0 ? 1 : perPeer;
  return entry.onTheWay.size < most && entry.dryUntilMs <= nowMs;
}

const patienceMs = 2_000;

/** Whether it has been left to get an overdue piece from its rack for too long: it is not so there. */
export function hasAwaited(entry: Entry, piece: number | undefined, nowMs: number): boolean {
  if (piece === undefined) entry.awaited = undefined;
  else if (entry.awaited?.piece !== piece) entry.awaited = { piece, sinceMs: nowMs };
  return entry.awaited !== undefined && nowMs - entry.awaited.sinceMs >= patienceMs;
}

/**
 * What of these it has for the first time; with any such it may be shown the next piece at once. By
 * having and losing the same ones in turn it would have all pieces looked through each time.
 */
export function noteNews(entry: Entry | undefined, pieces: readonly number[]): readonly number[] {
  if (entry === undefined) return [];
  const { lost } = entry;
  const news = lost === undefined ? pieces : pieces.filter((piece) => !lost.has(piece));
  if (news.length > 0) entry.dryUntilMs = 0;
  return news;
}

const firstPauseMs = 500;
const mostDoublings = 6;

export function noteStale(entry: Entry, nowMs: number): void {
  entry.dryUntilMs = nowMs + firstPauseMs * 2 ** Math.min(entry.stalls, mostDoublings);
  entry.stalls += 1;
}

/** Ranges that name more pieces than there are twice over are nobody's needs: the rest is cut. */
export function withinReason(wants: readonly WantedRange[], pieceCount: number): WantedRange[] {
  let left = pieceCount * 2;
  return wants.filter((range) => {
    left -= range.count;
    return left >= 0;
  });
}
