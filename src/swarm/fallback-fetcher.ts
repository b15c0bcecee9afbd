import { type Metainfo, pieceSizeBytes } from '../protocol/metainfo.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { RangeFallback } from './types.ts';

export type FallbackFetcherDeps = {
  readonly metainfo: Metainfo;
  /** Undefined: nothing can be fetched this way. */
  readonly fallback: RangeFallback | undefined;
  readonly isHeld: (piece: number) => boolean;
  /** Unverified bytes of one piece, good until this returns. */
  readonly onPiece: (piece: number, bytes: Buffer) => void;
  /** A request has ended, well or not. */
  readonly onEnd: () => void;
  readonly log: Log;
  /** performance.now unless given. */
  readonly nowMs?: () => number;
};

/** How much may be fetched this way at once. */
export type FallbackBudget = { readonly requests: number; readonly piecesEach: number };

const refusedPauseMs = 1000;
const failedPauseMs = 500;
const longestPauseMs = 5000;

/** Fetches late pieces from the frontend by HTTP (BEP 19), within what it grants. */
export class FallbackFetcher {
  readonly #deps: FallbackFetcherDeps;
  readonly #fetching = new Set<number>();
  readonly #abort = new AbortController();
  readonly #nowMs: () => number;
  #requests = 0;
  #pausedUntilMs = 0;
  #failures = 0;

  constructor(deps: FallbackFetcherDeps) {
    this.#deps = deps;
    this.#nowMs = deps.nowMs ?? (() => performance.now());
  }

  isFetching(piece: number): boolean {
    return this.#fetching.has(piece);
  }

  /** Starts what fits into the budget, from the first of these pieces on. */
  fetch(pieces: readonly number[], budget: FallbackBudget): void {
    const { fallback } = this.#deps;
    if (fallback === undefined || this.#abort.signal.aborted) return;
    if (this.#nowMs() < this.#pausedUntilMs) return;
    for (const piece of pieces) {
      if (this.#requests >= budget.requests) return;
      if (!this.#isOpen(piece)) continue;
      void this.#fetchRun(fallback, this.#runFrom(piece, pieces, budget.piecesEach));
    }
  }

  close(): void {
    this.#abort.abort();
  }

  #isOpen(piece: number): boolean {
    return !this.#fetching.has(piece) && !this.#deps.isHeld(piece);
  }

  /** Neighbours that are wanted, too, come in the same request. */
  #runFrom(first: number, pieces: readonly number[], longest: number): number[] {
    const wanted = new Set(pieces);
    const run = [first];
    for (let next = first + 1; run.length < longest; next += 1) {
      if (!wanted.has(next) || !this.#isOpen(next)) break;
      run.push(next);
    }
    return run;
  }

  async #fetchRun(fallback: RangeFallback, run: readonly number[]): Promise<void> {
    const { metainfo } = this.#deps;
    const sizeBytes = run.reduce((sum, piece) => sum + pieceSizeBytes(metainfo, piece), 0);
    const offset = (run[0] ?? 0) * metainfo.pieceLengthBytes;
    for (const piece of run) this.#fetching.add(piece);
    this.#requests += 1;
    try {
      const bytes = await fallback.fetch(offset, sizeBytes, this.#abort.signal);
      if (this.#abort.signal.aborted) return;
      if (bytes === undefined) this.#pausedUntilMs = this.#nowMs() + refusedPauseMs;
      else this.#take(run, bytes);
    } catch (error) {
      this.#pauseAfterFailure(messageOf(error));
    } finally {
      this.#requests -= 1;
      for (const piece of run) this.#fetching.delete(piece);
      this.#deps.onEnd();
    }
  }

  #take(run: readonly number[], bytes: Buffer): void {
    this.#deliver(run, bytes);
    if (run.some((piece) => this.#deps.isHeld(piece))) this.#failures = 0;
    else this.#pauseAfterFailure(`none of ${run.length} pieces verifies`);
  }

  #pauseAfterFailure(reason: string): void {
    this.#failures += 1;
    const pauseMs = Math.min(longestPauseMs, failedPauseMs * 2 ** Math.min(this.#failures, 4));
    this.#pausedUntilMs = this.#nowMs() + pauseMs;
    if (this.#failures === 1) this.#deps.log.warn('range not had', { reason });
  }

  #deliver(run: readonly number[], bytes: Buffer): boolean {
    let offset = 0;
    for (const piece of run) {
      const end = offset + pieceSizeBytes(this.#deps.metainfo, piece);
      if (end <= bytes.length) this.#deps.onPiece(piece, bytes.subarray(offset, end));
      offset = end;
    }
    return run.every((piece) => this.#deps.isHeld(piece));
  }
}
