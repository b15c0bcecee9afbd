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

  constructor(options: PieceStoreOptions) {
    this.#options = options;
  }

  /** Bytes that the disk has not taken yet; who brings more should wait when they are many. */
  get unwrittenBytes(): number {
    return this.#writing.size * this.#options.metainfo.pieceLengthBytes;
  }

  put(piece: number, bytes: Buffer): void {
    this.#remember(piece, bytes);
    const slots = this.#takeSlots(Math.ceil(bytes.length / slotBytes));
    if (slots !== undefined) void this.#write(piece, bytes, slots);
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
    for (const slot of this.#slots.get(piece) ?? []) this.#options.file.free(slot);
    this.#slots.delete(piece);
  }

  close(): void {
    for (const piece of [...this.#slots.keys()]) this.remove(piece);
    this.#memory.clear();
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
    this.#writing.set(piece, bytes);
    try {
      for (const [index, slot] of slots.entries()) {
        const start = index * slotBytes;
        await this.#options.file.write(slot, bytes.subarray(start, start + slotBytes));
      }
      this.#slots.set(piece, slots);
    } catch (error) {
      this.#options.onWriteError(error);
    } finally {
      this.#writing.delete(piece);
      this.#shrink();
    }
  }

  async #read(piece: number): Promise<Buffer> {
    const slots = this.#slots.get(piece);
    if (slots === undefined) throw new StoreError('unreadable', `piece ${piece} is not here`);
    const size = pieceSizeBytes(this.#options.metainfo, piece);
    const parts = slots.map((slot, index) =>
      this.#options.file.read(slot, Math.min(slotBytes, size - index * slotBytes)),
    );
    const [first] = await Promise.all(parts);
    const bytes = parts.length === 1 && first ? first : Buffer.concat(await Promise.all(parts));
    if (this.#slots.has(piece)) this.#remember(piece, bytes);
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
