import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Metainfo, pieceSizeBytes } from '../protocol/metainfo.ts';
import type { Demand } from './demand.ts';
import type { PieceBuffers } from './store/piece-buffers.ts';
import type { Slots } from './store/slot-file.ts';
import { slotBytes } from './store/store-folder.ts';

export type TakeUpDeps = {
  readonly metainfo: Metainfo;
  readonly slots: Slots;
  readonly buffers: PieceBuffers;
  readonly demand: Demand;
  /** The piece is what it should be. False: it is not needed any more. */
  readonly adopt: (piece: number, slots: readonly number[]) => boolean;
  /** What was found of a piece is not the piece. */
  readonly onBad: (piece: number) => void;
};

/** So long it computes before it lets others do something. */
const turnMs = 3;

/**
 * Takes over what an earlier process left of a torrent in the store: each piece is read and its
 * hash compared before anybody hears of it, what the installer waits for first.
 */
export class TakeUp {
  readonly #deps: TakeUpDeps;
  readonly #found = new Map<number, readonly number[]>();
  #takenBytes = 0;
  #closed = false;

  constructor(deps: TakeUpDeps) {
    this.#deps = deps;
    if (deps.slots.foundPieces === 0) return;
    const { metainfo, slots } = deps;
    for (let piece = 0; piece < metainfo.pieceCount; piece += 1) {
      const found = slots.claim(hashOf(metainfo, piece), pieceSizeBytes(metainfo, piece));
      if (found !== undefined) this.#found.set(piece, found);
    }
    void this.#run();
  }

  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** It may turn out to be here already. */
  has(piece: number): boolean {
    return this.#found.has(piece);
  }

  close(): void {
    this.#closed = true;
    for (const slots of this.#found.values()) this.#free(slots);
    this.#found.clear();
  }

  async #run(): Promise<void> {
    let turnEndsAtMs = 0;
    for (;;) {
      if (performance.now() >= turnEndsAtMs) {
        await nextTurn();
        turnEndsAtMs = performance.now() + turnMs;
      }
      const piece = this.#next();
      if (piece === undefined || this.#closed) return;
      await this.#check(piece);
    }
  }

  #next(): number | undefined {
    for (const { first, end } of this.#deps.demand.urgent()) {
      for (let piece = first; piece < end; piece += 1) if (this.#found.has(piece)) return piece;
    }
    const [first] = this.#found.keys();
    return first;
  }

  async #check(piece: number): Promise<void> {
    const slots = this.#found.get(piece) ?? [];
    const isRight = await this.#isRight(piece, slots);
    // Closed meanwhile: the slots have been given back.
    if (!this.#found.delete(piece)) return;
    if (isRight && this.#deps.adopt(piece, slots)) {
      this.#takenBytes += pieceSizeBytes(this.#deps.metainfo, piece);
      return;
    }
    this.#free(slots);
    if (!isRight) this.#deps.onBad(piece);
  }

  async #isRight(piece: number, slots: readonly number[]): Promise<boolean> {
    const { metainfo, buffers } = this.#deps;
    const buffer = buffers.take(pieceSizeBytes(metainfo, piece));
    try {
      for (const [part, slot] of slots.entries()) {
        const start = part * slotBytes;
        await this.#deps.slots.read(slot, buffer.bytes.subarray(start, start + slotBytes));
      }
      return hash('sha1', buffer.bytes, 'buffer').equals(hashOf(metainfo, piece));
    } catch {
      return false;
    } finally {
      buffer.release();
    }
  }

  #free(slots: readonly number[]): void {
    for (const slot of slots) this.#deps.slots.free(slot);
  }
}

function hashOf({ pieceHashes }: Metainfo, piece: number): Buffer {
  return pieceHashes.subarray(piece * 20, piece * 20 + 20);
}
