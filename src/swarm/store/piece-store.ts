import { type Metainfo, pieceSizeBytes } from '../../protocol/metainfo.ts';
import type { PieceBuffer, PieceBuffers } from './piece-buffers.ts';
import type { SlotFile } from './slot-file.ts';
import { StoreError, slotBytes } from './slot-file.ts';

/** A verified piece is in memory, in the file, or both; a piece in neither is gone. */
export type PieceStoreOptions = {
  readonly metainfo: Metainfo;
  readonly file: SlotFile;
  readonly buffers: PieceBuffers;
  /** How much is kept in memory beside what waits to be written. */
  readonly memoryBytes: number;
  /** A piece that can go, best first; undefined: none may. */
  readonly chooseVictim: () => number | undefined;
  /** The piece is gone. */
  readonly onGone: (piece: number) => void;
  readonly onWriteError: (error: unknown) => void;
};

/** The pieces that one torrent holds, within the budget of its slot file. */
export class PieceStore {
  readonly #options: PieceStoreOptions;
  /** The last used is last. */
  readonly #memory = new Map<number, PieceBuffer>();
  readonly #slots = new Map<number, readonly number[]>();
  readonly #writing = new Map<number, PieceBuffer>();
  #memoryBytes = 0;
  #closed = false;

  constructor(options: PieceStoreOptions) {
    this.#options = options;
  }

  /** Bytes that the disk has not taken yet; who brings more should wait when they are many. */
  get unwrittenBytes(): number {
    return this.#writing.size * this.#options.metainfo.pieceLengthBytes;
  }

  /** Holds the buffer for as long as it needs it. */
  put(piece: number, buffer: PieceBuffer): void {
    if (this.#closed) return;
    this.remove(piece);
    const slots = this.#takeSlots(Math.ceil(buffer.bytes.length / slotBytes));
    if (slots !== undefined) void this.#write(piece, buffer, slots);
    this.#remember(piece, buffer);
  }

  /**
   * Held for the caller, at once when the piece is in memory. Throws or rejects with StoreError
   * when it is not here.
   */
  get(piece: number): PieceBuffer | Promise<PieceBuffer> {
    const buffer = this.#memory.get(piece) ?? this.#writing.get(piece);
    if (buffer === undefined) return this.#read(piece);
    this.#remember(piece, buffer);
    return buffer.hold();
  }

  /** Drops the piece; the caller knows, so `onGone` is not called. */
  remove(piece: number): void {
    this.#forget(piece);
    // Slots that are being written are free only then.
    this.#writing.delete(piece);
    for (const slot of this.#slots.get(piece) ?? []) this.#options.file.free(slot);
    this.#slots.delete(piece);
  }

  close(): void {
    this.#closed = true;
    for (const piece of [...this.#slots.keys()]) this.remove(piece);
    this.#writing.clear();
    this.#memory.clear();
  }

  #free(slot: number | undefined): void {
    if (slot !== undefined) this.#options.file.free(slot);
  }

  #takeSlots(count: number): number[] | undefined {
    const slots: number[] = [];
    while (slots.length < count) {
      const slot = this.#options.file.take() ?? this.#takeFromVictim();
      if (slot === undefined) {
        for (const taken of slots) this.#options.file.free(taken);
        return undefined;
      }
      slots.push(slot);
    }
    return slots;
  }

  #takeFromVictim(): number | undefined {
    const victim = this.#options.chooseVictim();
    if (victim === undefined || !this.#slots.has(victim)) return undefined;
    this.remove(victim);
    this.#options.onGone(victim);
    return this.#options.file.take();
  }

  async #write(piece: number, buffer: PieceBuffer, slots: readonly number[]): Promise<void> {
    const { file, onWriteError } = this.#options;
    this.#writing.set(piece, buffer.hold());
    const ends = await Promise.allSettled(
      slots.map((slot, index) => {
        const start = index * slotBytes;
        return file.write(slot, buffer.bytes.subarray(start, start + slotBytes));
      }),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    const isWanted = this.#writing.get(piece) === buffer;
    if (isWanted) this.#writing.delete(piece);
    if (isWanted && failed === undefined) this.#slots.set(piece, slots);
    else
      for (const [at, end] of ends.entries()) if (end.status === 'fulfilled') this.#free(slots[at]);
    if (failed !== undefined) onWriteError(failed.reason);
    this.#shrink();
    buffer.release();
  }

  #read(piece: number): PieceBuffer | Promise<PieceBuffer> {
    const slots = this.#slots.get(piece);
    if (slots === undefined) throw new StoreError('unreadable', `piece ${piece} is not here`);
    const { metainfo, buffers, file } = this.#options;
    const buffer = buffers.take(pieceSizeBytes(metainfo, piece));
    const reads = slots.map((slot, index) => {
      const start = index * slotBytes;
      return file.read(slot, buffer.bytes.subarray(start, start + slotBytes));
    });
    const finish = () => {
      // Driven out meanwhile: what was read may be of the piece that has the slot now.
      if (this.#slots.get(piece) !== slots) return this.get(piece);
      this.#remember(piece, buffer);
      return buffer;
    };
    const waiting = reads.filter((read) => read !== undefined);
    return waiting.length === 0 ? finish() : Promise.all(waiting).then(finish);
  }

  #remember(piece: number, buffer: PieceBuffer): void {
    buffer.hold();
    this.#forget(piece);
    this.#memory.set(piece, buffer);
    this.#memoryBytes += buffer.bytes.length;
    this.#shrink();
  }

  /** What is in the file, too, goes first; what is in memory only is gone then. */
  #shrink(): void {
    if (this.#memoryBytes <= this.#options.memoryBytes) return;
    for (const piece of this.#memory.keys()) {
      if (this.#writing.has(piece)) continue;
      this.#forget(piece);
      if (!this.#slots.has(piece)) this.#options.onGone(piece);
      if (this.#memoryBytes <= this.#options.memoryBytes) return;
    }
  }

  #forget(piece: number): void {
    const buffer = this.#memory.get(piece);
    if (buffer === undefined) return;
    this.#memory.delete(piece);
    this.#memoryBytes -= buffer.bytes.length;
    buffer.release();
  }
}
