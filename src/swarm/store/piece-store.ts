import { type Metainfo, pieceSizeBytes } from '../../protocol/metainfo.ts';
import type { BlockRange } from '../../protocol/peer-wire/messages.ts';
import type { SlotFile } from './slot-file.ts';
import { StoreError, slotBytes } from './slot-file.ts';

/** A verified piece is in memory, in the file, or both; a piece in neither is gone. */
export type PieceStoreOptions = {
  readonly metainfo: Metainfo;
  readonly file: SlotFile;
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
  readonly #memory = new Map<number, Buffer>();
  readonly #slots = new Map<number, readonly number[]>();
  readonly #writing = new Map<number, Buffer>();
  #memoryBytes = 0;
  #closed = false;

  constructor(options: PieceStoreOptions) {
    this.#options = options;
  }

  /** Bytes that the disk has not taken yet; who brings more should wait when they are many. */
  get unwrittenBytes(): number {
    return this.#writing.size * this.#options.metainfo.pieceLengthBytes;
  }

  put(piece: number, bytes: Buffer): void {
    if (this.#closed) return;
    this.remove(piece);
    const slots = this.#takeSlots(Math.ceil(bytes.length / slotBytes));
    if (slots !== undefined) void this.#write(piece, bytes, slots);
    this.#remember(piece, bytes);
  }

  /** At once when the piece is in memory. Throws or rejects with StoreError when it is not here. */
  get(piece: number): Buffer | Promise<Buffer> {
    const bytes = this.#memory.get(piece) ?? this.#writing.get(piece);
    if (bytes === undefined) return this.#read(piece);
    this.#remember(piece, bytes);
    return bytes;
  }

  /** A part of a piece; otherwise like `get`. */
  getBlock(range: BlockRange): Buffer | Promise<Buffer> {
    const end = range.beginByte + range.lengthBytes;
    const bytes = this.get(range.piece);
    if (bytes instanceof Promise) return bytes.then((all) => all.subarray(range.beginByte, end));
    return bytes.subarray(range.beginByte, end);
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

  async #write(piece: number, bytes: Buffer, slots: readonly number[]): Promise<void> {
    const { file, onWriteError } = this.#options;
    this.#writing.set(piece, bytes);
    const ends = await Promise.allSettled(
      slots.map((slot, index) => {
        const start = index * slotBytes;
        return file.write(slot, bytes.subarray(start, start + slotBytes));
      }),
    );
    const failed = ends.find((end) => end.status === 'rejected');
    const isWanted = this.#writing.get(piece) === bytes;
    if (isWanted) this.#writing.delete(piece);
    if (isWanted && failed === undefined) this.#slots.set(piece, slots);
    else
      for (const [at, end] of ends.entries()) if (end.status === 'fulfilled') this.#free(slots[at]);
    if (failed !== undefined) onWriteError(failed.reason);
    this.#shrink();
  }

  async #read(piece: number): Promise<Buffer> {
    const slots = this.#slots.get(piece);
    if (slots === undefined) throw new StoreError('unreadable', `piece ${piece} is not here`);
    const size = pieceSizeBytes(this.#options.metainfo, piece);
    const parts = await Promise.all(
      slots.map((slot, index) =>
        this.#options.file.read(slot, Math.min(slotBytes, size - index * slotBytes)),
      ),
    );
    // Driven out meanwhile: what was read may be of the piece that has the slot now.
    if (this.#slots.get(piece) !== slots) return this.get(piece);
    const [first] = parts;
    const bytes = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
    this.#remember(piece, bytes);
    return bytes;
  }

  #remember(piece: number, bytes: Buffer): void {
    this.#forget(piece);
    this.#memory.set(piece, bytes);
    this.#memoryBytes += bytes.length;
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
    const bytes = this.#memory.get(piece);
    if (bytes === undefined) return;
    this.#memory.delete(piece);
    this.#memoryBytes -= bytes.length;
  }
}
