import { type Metainfo, pieceSizeBytes } from '../../protocol/metainfo.ts';
import type { HeldPiece } from '../piece-book.ts';
import { chooseVictim } from '../victim.ts';
import type { PieceBuffer, PieceBuffers } from './piece-buffers.ts';
import { RandomSet } from './random-set.ts';
import { StoreError } from './store-error.ts';
import { slotBytes } from './store-folder.ts';
import type { RoomMember, StoreRoom } from './store-room.ts';

/** A verified piece is in memory, on the disk, or both; a piece in neither is gone. */
export type PieceStoreOptions = {
  readonly metainfo: Metainfo;
  readonly room: StoreRoom;
  readonly buffers: PieceBuffers;
  /** What is known of some pieces of this torrent. */
  readonly describe: (pieces: readonly number[]) => readonly HeldPiece[];
  /** The piece is gone. */
  readonly onGone: (piece: number) => void;
  readonly onWriteError: (error: unknown) => void;
};

/** The pieces that one torrent holds, within the budgets that it shares with others. */
export class PieceStore implements RoomMember {
  readonly #options: PieceStoreOptions;
  /** The last used is last. */
  readonly #memory = new Map<number, PieceBuffer>();
  readonly #slots = new Map<number, readonly number[]>();
  /** Those that have slots. */
  readonly #stored = new RandomSet();
  readonly #writing = new Map<number, PieceBuffer>();
  #memoryBytes = 0;
  #closed = false;

  constructor(options: PieceStoreOptions) {
    this.#options = options;
    options.room.add(this);
  }

  /** Bytes that the disk has not taken yet; who brings more should wait when they are many. */
  get unwrittenBytes(): number {
    return this.#writing.size * this.#options.metainfo.pieceLengthBytes;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** Holds the buffer for as long as it needs it. */
  put(piece: number, buffer: PieceBuffer): void {
    if (this.#closed) return;
    this.remove(piece);
    this.#store(piece, buffer, 'first');
    this.#remember(piece, buffer);
  }

  /** Takes a piece over that lies in these slots, and has been verified. */
  adopt(piece: number, slots: readonly number[]): void {
    this.remove(piece);
    this.#setSlots(piece, slots);
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
    this.#freeSlots(piece);
  }

  sample(count: number): HeldPiece[] {
    return [...this.#options.describe(this.#stored.pick(count))];
  }

  evict(piece: number): void {
    this.#freeSlots(piece);
    if (!this.#memory.has(piece)) this.#options.onGone(piece);
  }

  forgetOne(): boolean {
    const piece = this.#leastInMemory();
    if (piece === undefined) return false;
    this.#forget(piece);
    if (!this.#slots.has(piece)) this.#options.onGone(piece);
    return true;
  }

  leaveDisk(): void {
    for (const piece of [...this.#slots.keys()]) this.evict(piece);
  }

  close(): void {
    this.#closed = true;
    this.#options.room.delete(this);
    for (const piece of [...this.#slots.keys()]) this.remove(piece);
    this.#writing.clear();
    this.#memory.clear();
  }

  #store(piece: number, buffer: PieceBuffer, attempt: 'first' | 'last'): void {
    const slots = this.#takeSlots(Math.ceil(buffer.bytes.length / slotBytes));
    if (slots !== undefined) void this.#write(piece, buffer, { slots, attempt });
  }

  #takeSlots(count: number): number[] | undefined {
    const { room } = this.#options;
    const slots: number[] = [];
    while (slots.length < count) {
      const slot = room.takeSlot();
      if (slot === undefined) {
        for (const taken of slots) room.slots.free(taken);
        return undefined;
      }
      slots.push(slot);
    }
    return slots;
  }

  async #write(
    piece: number,
    buffer: PieceBuffer,
    { slots, attempt }: { readonly slots: readonly number[]; readonly attempt: 'first' | 'last' },
  ): Promise<void> {
    const { room, onWriteError } = this.#options;
    this.#writing.set(piece, buffer.hold());
    const ends = await this.#writeSlots(piece, buffer, slots);
    const failed = ends.find((end) => end.status === 'rejected');
    const isWanted = this.#writing.get(piece) === buffer;
    if (isWanted) this.#writing.delete(piece);
    if (isWanted && failed === undefined) this.#setSlots(piece, slots);
    else freeWritten(room, slots, ends);
    if (failed !== undefined) {
      onWriteError(failed.reason);
      // The disk takes no more; but what it has taken can be given to this piece instead.
      if (isWanted && attempt === 'first') this.#store(piece, buffer, 'last');
    }
    room.shrinkMemory();
    buffer.release();
  }

  #writeSlots(
    piece: number,
    buffer: PieceBuffer,
    slots: readonly number[],
  ): Promise<PromiseSettledResult<void>[]> {
    const { metainfo, room } = this.#options;
    const pieceHash = metainfo.pieceHashes.subarray(piece * 20, piece * 20 + 20);
    const label = { pieceHash, sizeBytes: buffer.bytes.length, parts: slots.length };
    return Promise.allSettled(
      slots.map((slot, part) => {
        const start = part * slotBytes;
        const bytes = buffer.bytes.subarray(start, start + slotBytes);
        return room.slots.write(slot, bytes, { ...label, part });
      }),
    );
  }

  #read(piece: number): PieceBuffer | Promise<PieceBuffer> {
    const slots = this.#slots.get(piece);
    if (slots === undefined) throw new StoreError('unreadable', `piece ${piece} is not here`);
    const { metainfo, buffers, room } = this.#options;
    const buffer = buffers.take(pieceSizeBytes(metainfo, piece));
    const reads = slots.map((slot, index) => {
      const start = index * slotBytes;
      return room.slots.read(slot, buffer.bytes.subarray(start, start + slotBytes));
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
    this.#options.room.shrinkMemory();
  }

  /** The oldest that is on the disk, too; or else what is worth least, for then it is gone. */
  #leastInMemory(): number | undefined {
    const memoryOnly: number[] = [];
    for (const piece of this.#memory.keys()) {
      if (this.#writing.has(piece)) continue;
      if (this.#slots.has(piece)) return piece;
      memoryOnly.push(piece);
    }
    const victim = chooseVictim(this.#options.describe(memoryOnly));
    return victim?.piece ?? memoryOnly.find((piece) => !this.#storeLate(piece));
  }

  /** There was no room on the disk when it came, but there may be now. False: there is none. */
  #storeLate(piece: number): boolean {
    const buffer = this.#memory.get(piece);
    if (buffer !== undefined) this.#store(piece, buffer, 'last');
    return this.#writing.has(piece);
  }

  #forget(piece: number): void {
    const buffer = this.#memory.get(piece);
    if (buffer === undefined) return;
    this.#memory.delete(piece);
    this.#memoryBytes -= buffer.bytes.length;
    buffer.release();
  }

  #setSlots(piece: number, slots: readonly number[]): void {
    this.#slots.set(piece, slots);
    this.#stored.add(piece);
  }

  #freeSlots(piece: number): void {
    for (const slot of this.#slots.get(piece) ?? []) this.#options.room.slots.free(slot);
    this.#slots.delete(piece);
    this.#stored.delete(piece);
  }
}

/** Those that could not be written are nobody's any more. */
function freeWritten(
  room: StoreRoom,
  slots: readonly number[],
  ends: readonly PromiseSettledResult<void>[],
): void {
  for (const [part, slot] of slots.entries()) {
    if (ends[part]?.status === 'fulfilled') room.slots.free(slot);
  }
}
