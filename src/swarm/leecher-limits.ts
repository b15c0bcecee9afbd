import type { Metainfo } from '../protocol/metainfo.ts';
import type { DemandLimits } from './demand.ts';

/** What a process keeps in memory of what it holds, beside what waits to be written. */
export const memoryBytes = 16 * 1024 * 1024;

const unwrittenBytes = 8 * 1024 * 1024;
const leastShareBytes = 4 * 1024 * 1024;
const urgentBytes = 512 * 1024;
const soonBytes = 64 * 1024 * 1024;
const aheadBytes = 32 * 1024 * 1024;
const unaskedBytes = 64 * 1024 * 1024;

export type LeecherLimits = DemandLimits & {
  /** How many pieces may lie here that nobody asked for. */
  readonly unaskedPieces: number;
  /** With more than this on its way to the disk, nothing more is asked for. */
  readonly unwrittenBytes: number;
};

/** What a torrent's limits depend on. */
export type LimitsInput = {
  /** How much of the store is this torrent's. */
  readonly shareBytes: number;
  /** Which part of what was read ahead was asked for, and not driven out before: 0 to 1. */
  readonly aheadWorth: number;
};

/**
 * How far a node looks ahead: less when its share of the store is small, so that half of it is for
 * the past, and hardly at all when what is read ahead is driven out before it is asked for.
 */
export function planLimits(
  { pieceLengthBytes }: Pick<Metainfo, 'pieceLengthBytes'>,
  { shareBytes, aheadWorth }: LimitsInput,
): LeecherLimits {
  const budgetBytes = Math.max(leastShareBytes, shareBytes);
  const inPieces = (bytes: number) => Math.max(1, Math.floor(bytes / pieceLengthBytes));
  return {
    urgentPieces: inPieces(urgentBytes),
    soonPieces: inPieces(Math.min(soonBytes, budgetBytes / 4)),
    aheadPieces: inPieces(Math.min(aheadBytes, budgetBytes / 8) * aheadWorth ** 2),
    unaskedPieces: inPieces(Math.min(unaskedBytes, budgetBytes / 4)),
    unwrittenBytes: Math.min(unwrittenBytes, budgetBytes / 4),
  };
}

/** The limits of one torrent, as they are now: a store may grow, shrink, or serve another one. */
export class LiveLimits {
  readonly now: LeecherLimits;
  readonly #metainfo: Metainfo;
  readonly #shareBytes: () => number;

  constructor(metainfo: Metainfo, shareBytes: () => number) {
    this.#metainfo = metainfo;
    this.#shareBytes = shareBytes;
    this.now = planLimits(metainfo, { shareBytes: shareBytes(), aheadWorth: 1 });
  }

  update(aheadWorth: number): void {
    const input = { shareBytes: this.#shareBytes(), aheadWorth };
    Object.assign(this.now, planLimits(this.#metainfo, input));
  }
}
