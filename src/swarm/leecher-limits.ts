import type { Metainfo } from '../protocol/metainfo.ts';
import type { DemandLimits } from './demand.ts';

/** What a process keeps in memory of what it holds, beside what waits to be written. */
export const memoryBytes = 16 * 1024 * 1024;

/** With more than this on its way to the disk, nothing more is asked for. */
export const unwrittenLimitBytes = 8 * 1024 * 1024;

const leastShareBytes = 4 * 1024 * 1024;
const urgentBytes = 512 * 1024;
const soonBytes = 64 * 1024 * 1024;
const aheadBytes = 32 * 1024 * 1024;
const unaskedBytes = 64 * 1024 * 1024;

export type LeecherLimits = DemandLimits & {
  /** How many pieces may lie here that nobody asked for. */
  readonly unaskedPieces: number;
};

/**
 * How far a node looks ahead: less when its share of the store is small, so that half of it is for
 * the past.
 */
export function planLimits(metainfo: Metainfo, shareBytes: number): LeecherLimits {
  const budgetBytes = Math.max(leastShareBytes, shareBytes);
  const inPieces = (bytes: number) => Math.max(1, Math.floor(bytes / metainfo.pieceLengthBytes));
  return {
    urgentPieces: inPieces(urgentBytes),
    soonPieces: inPieces(Math.min(soonBytes, budgetBytes / 4)),
    aheadPieces: inPieces(Math.min(aheadBytes, budgetBytes / 8)),
    unaskedPieces: inPieces(Math.min(unaskedBytes, budgetBytes / 4)),
  };
}

/** The limits of one torrent, as they are now: a store may grow, shrink, or serve another one. */
export class LiveLimits {
  readonly now: LeecherLimits;
  readonly #plan: () => LeecherLimits;

  /** `shareBytes`: how much of the store is this torrent's. */
  constructor(metainfo: Metainfo, shareBytes: () => number) {
    this.#plan = () => planLimits(metainfo, shareBytes());
    this.now = this.#plan();
  }

  update(): void {
    Object.assign(this.now, this.#plan());
  }
}
