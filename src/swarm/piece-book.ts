import { Bitfield } from '../protocol/bitfield.ts';
import { ScreeError } from '../runtime/errors.ts';
import type { PieceRange } from './piece-range.ts';

export class ReadError extends ScreeError<'unavailable' | 'closed'> {}

/** A piece that has not come after so long will not come. */
const longestWaitMs = 60_000;

/** Over so many pieces it is learnt what reading ahead is worth. */
const learnPieces = 64;

type Waiter = {
  readonly giveUpAtMs: number;
  readonly patienceMs: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** What is known of one piece that is held. */
export type HeldPiece = {
  readonly piece: number;
  /** Asked for, or about to be read ahead of what is asked. */
  readonly wanted: boolean;
  /** Read ahead, not near any more, and too much of its kind lies here. */
  readonly surplus: boolean;
  /** How much of it the installer has had. */
  readonly read: 'whole' | 'part' | 'none';
  /** How many peers have it. */
  readonly copies: number;
};

/** What a node knows of each piece: held here, held by how many peers, asked for, waited for. */
export class PieceBook {
  readonly held: Bitfield;
  readonly availability: Uint16Array;
  /** Under some request of the installer, now or before. */
  readonly #asked: Bitfield;
  /** Held since this process got them, and not asked for. */
  readonly #ahead: Bitfield;
  /** How many bytes of each the installer has had; what it read twice counts twice. */
  readonly #readBytes: Uint32Array;
  readonly #sizeOf: (piece: number) => number;
  readonly #nowMs: () => number;
  readonly #waiters = new Map<number, Set<Waiter>>();
  #heldUnasked = 0;
  #aheadWorth = 1;
  #lost = 0;
  #closed = false;

  /** `sizeOf`: how long a piece is; of one that is not known any part counts as the whole. */
  constructor(
    pieceCount: number,
    sizeOf: (piece: number) => number = () => 1,
    nowMs: () => number = () => performance.now(),
  ) {
    this.held = new Bitfield(pieceCount);
    this.availability = new Uint16Array(pieceCount);
    this.#asked = new Bitfield(pieceCount);
    this.#ahead = new Bitfield(pieceCount);
    this.#readBytes = new Uint32Array(pieceCount);
    this.#sizeOf = sizeOf;
    this.#nowMs = nowMs;
  }

  /** How many pieces are held that nobody asked for; without those that were taken up. */
  get heldUnasked(): number {
    return this.#heldUnasked;
  }

  /**
   * Which part of what was read ahead of late has been asked for, and not driven out before: 1 while
   * nothing is driven out.
   */
  get aheadWorth(): number {
    return this.#aheadWorth;
  }

  /** How many pieces have been held and are not any more. */
  get lost(): number {
    return this.#lost;
  }

  copiesOf(piece: number): number {
    return this.availability[piece] ?? 0;
  }

  peerHas(pieces: Iterable<number>): void {
    for (const piece of pieces) this.availability[piece] = this.copiesOf(piece) + 1;
  }

  peerLost(piece: number): void {
    this.availability[piece] = Math.max(0, this.copiesOf(piece) - 1);
  }

  peerGone(pieces: Bitfield): void {
    for (let piece = 0; piece < pieces.length; piece += 1) {
      if (pieces.has(piece)) this.peerLost(piece);
    }
  }

  ask(range: PieceRange): void {
    for (let piece = range.first; piece < range.end; piece += 1) {
      if (!this.#asked.add(piece) || !this.#ahead.remove(piece)) continue;
      this.#heldUnasked -= 1;
      this.#learn(1);
    }
  }

  isAsked(piece: number): boolean {
    return this.#asked.has(piece);
  }

  /** The installer has had so many bytes more of the piece. */
  consume(piece: number, sizeBytes: number): void {
    const before = this.#readBytes[piece] ?? 0;
    this.#readBytes[piece] = Math.min(this.#sizeOf(piece), before + sizeBytes);
  }

  readOf(piece: number): HeldPiece['read'] {
    const readBytes = this.#readBytes[piece] ?? 0;
    if (readBytes === 0) return 'none';
    return readBytes >= this.#sizeOf(piece) ? 'whole' : 'part';
  }

  /** A verified piece has come; whoever waits for it is told. */
  add(piece: number): void {
    if (!this.held.has(piece) && !this.#asked.has(piece) && this.#ahead.add(piece)) {
      this.#heldUnasked += 1;
    }
    this.takeUp(piece);
  }

  /** Like `add`, of a piece that an earlier process has left: nothing was read ahead for it. */
  takeUp(piece: number): void {
    this.held.add(piece);
    const waiters = this.#waiters.get(piece);
    this.#waiters.delete(piece);
    for (const waiter of waiters ?? []) waiter.resolve();
  }

  remove(piece: number): void {
    if (!this.held.remove(piece)) return;
    this.#lost += 1;
    if (!this.#ahead.remove(piece)) return;
    this.#heldUnasked -= 1;
    this.#learn(0);
  }

  isWaitedFor(piece: number): boolean {
    return this.#waiters.has(piece);
  }

  /** Ends the waiting of those who have waited for too long. */
  giveUpWaiting(nowMs: number): void {
    for (const [piece, waiters] of this.#waiters) {
      for (const waiter of waiters) {
        if (nowMs < waiter.giveUpAtMs) continue;
        waiters.delete(waiter);
        const seconds = waiter.patienceMs / 1000;
        waiter.reject(
          new ReadError('unavailable', `piece ${piece} came from nowhere within ${seconds} s`),
        );
      }
      if (waiters.size === 0) this.#waiters.delete(piece);
    }
  }

  /** Ends all waiting; nothing comes any more. */
  close(): void {
    this.#closed = true;
    for (const waiters of this.#waiters.values()) {
      for (const waiter of waiters) waiter.reject(closedError());
    }
    this.#waiters.clear();
  }

  /**
   * Resolves when the piece has come. Rejects when the signal aborts, or with ReadError:
   * `unavailable` when it has not come in time, `closed`.
   */
  waitFor(piece: number, signal: AbortSignal, patienceMs = longestWaitMs): Promise<void> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      const waiters = this.#waiters.get(piece) ?? new Set<Waiter>();
      this.#waiters.set(piece, waiters);
      const onAbort = () => {
        waiters.delete(waiter);
        if (waiters.size === 0) this.#waiters.delete(piece);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        giveUpAtMs: this.#nowMs() + patienceMs,
        patienceMs,
        resolve: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
        reject: (error) => {
          signal.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      waiters.add(waiter);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #learn(outcome: 0 | 1): void {
    this.#aheadWorth += (outcome - this.#aheadWorth) / learnPieces;
  }
}

function closedError(): ReadError {
  return new ReadError('closed', 'expected the torrent to stay, it was closed while it was read');
}
