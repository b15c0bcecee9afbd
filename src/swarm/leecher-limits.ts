import type { Metainfo } from '../protocol/metainfo.ts';
import type { DemandLimits } from './demand.ts';

/** What a process keeps in memory of what it holds, beside what waits to be written. */
export const memoryBytes = 16 * 1024 * 1024;

const unwrittenBytes = 8 * 1024 * 1024;
const leastShareBytes = 4 * 1024 * 1024;
const urgentBytes = 512 * 1024;
const soonBytes = 64 * 1024 * 1024;
const leastInFlightBytes = 8 * 1024 * 1024;
const mostInFlightBytes = 16 * 1024 * 1024;
const leastAheadBytes = 32 * 1024 * 1024;
const mostAheadBytes = 256 * 1024 * 1024;
/** A piece takes a second from when it is wanted until it has come by way of others; some take two. */
const aheadMs = 2000;
/** Ten times a second: half of it is left after 23 s. */
const rateKept = 0.997;

export type LeecherLimits = DemandLimits & {
  /** How many pieces may lie here that nobody asked for. */
  readonly unaskedPieces: number;
  /** With more than this on its way to the disk, nothing more is asked for. */
  readonly unwrittenBytes: number;
  /** How much may be on its way here at once from peers. */
  readonly inFlightBytes: number;
};

/** What a torrent's limits depend on. */
export type LimitsInput = {
  /** How much of the store is this torrent's. */
  readonly shareBytes: number;
  /** Which part of what was read ahead was asked for, and not driven out before: 0 to 1. */
  readonly aheadWorth: number;
  /** How fast pieces come in. */
  readonly bytesPerMs: number;
};

/**
 * How far a node looks ahead: two seconds of what comes in, less when its share of the store is
 * small, so that half of it is for the past, and hardly at all when what is read ahead is driven out
 * before it is asked for.
 */
export function planLimits(
  { pieceLengthBytes }: Pick<Metainfo, 'pieceLengthBytes'>,
  { shareBytes, aheadWorth, bytesPerMs }: LimitsInput,
): LeecherLimits {
  const budgetBytes = Math.max(leastShareBytes, shareBytes);
  const inPieces = (bytes: number) => Math.max(1, Math.floor(bytes / pieceLengthBytes));
  const arrivingBytes = bytesPerMs * aheadMs;
  const aheadBytes = Math.min(mostAheadBytes, Math.max(leastAheadBytes, arrivingBytes));
  return {
    urgentPieces: inPieces(urgentBytes),
    soonPieces: inPieces(Math.min(soonBytes, budgetBytes / 4)),
    aheadPieces: inPieces(Math.min(aheadBytes, budgetBytes / 8) * aheadWorth ** 2),
    unaskedPieces: inPieces(Math.min(2 * aheadBytes, budgetBytes / 4)),
    unwrittenBytes: Math.min(unwrittenBytes, budgetBytes / 4),
    inFlightBytes: Math.min(mostInFlightBytes, Math.max(leastInFlightBytes, budgetBytes / 16)),
  };
}

/** The limits of one torrent, as they are now: a store may grow, shrink, or serve another one. */
export class LiveLimits {
  readonly now: LeecherLimits;
  readonly #metainfo: Metainfo;
  readonly #shareBytes: () => number;
  #bytesPerMs = 0;

  constructor(metainfo: Metainfo, shareBytes: () => number) {
    this.#metainfo = metainfo;
    this.#shareBytes = shareBytes;
    this.now = planLimits(metainfo, { shareBytes: shareBytes(), aheadWorth: 1, bytesPerMs: 0 });
  }

  update(aheadWorth: number, bytesPerMs: number): void {
    // It falls slowly: who has read ahead as far as he may is slow because of that.
    this.#bytesPerMs = Math.max(bytesPerMs, this.#bytesPerMs * rateKept);
    const input = { shareBytes: this.#shareBytes(), aheadWorth, bytesPerMs: this.#bytesPerMs };
    Object.assign(this.now, planLimits(this.#metainfo, input));
  }
}
