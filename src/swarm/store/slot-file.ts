import { messageOf } from '../../runtime/errors.ts';
import { formatBytes } from '../../runtime/units.ts';
import type { StorePlace } from '../types.ts';
import { FoundPieces } from './found-pieces.ts';
import { SlotCopy } from './slot-copy.ts';
import { type SlotLabel, SlotRecords } from './slot-records.ts';
import { SlotTable } from './slot-table.ts';
import { StoreError } from './store-error.ts';
import { openStoreFolder, type StoreFolder, slotBytes } from './store-folder.ts';
import { WriteBatch } from './write-batch.ts';

/** Slots of 64 KiB, shared by all torrents of a process; never more than the budget. */
export type Slots = {
  /** How many there may be; fewer than the budget while the disk takes no more. */
  readonly capacitySlots: number;
  readonly usedSlots: number;
  /** Undefined: none is free. */
  readonly take: () => number | undefined;
  readonly free: (slot: number) => void;
  /** Throws StoreError `unwritable`; the slot is then no longer the caller's. */
  readonly write: (slot: number, bytes: Buffer, label: SlotLabel) => Promise<void>;
  /**
   * Fills `into`, no longer than a slot; at once, without a promise, while the file lies in memory.
   * Throws or rejects with StoreError `unreadable`.
   */
  readonly read: (slot: number, into: Buffer) => Promise<void> | undefined;
  /**
   * The slots of a piece that an earlier process left, the caller's from now on; undefined: none.
   * Unverified.
   */
  readonly claim: (pieceHash: Buffer, sizeBytes: number) => readonly number[] | undefined;
  /** How many pieces can still be claimed. */
  readonly foundPieces: number;
};

/** Slots in a folder, or in none: then there is no slot. */
export class SlotFile implements Slots {
  #folder: StoreFolder | undefined;
  #table = new SlotTable(0);
  #records = new SlotRecords();
  #found = new FoundPieces();
  /** What lies on the disk and is somebody's. */
  readonly #written = new Set<number>();
  #copy: SlotCopy | undefined;
  /** Writes wait for it. */
  #gate: Promise<void> | undefined;
  #isMoving = false;
  #isClosed = false;
  readonly #batch = new WriteBatch(slotBytes, (slot, buffers) => this.#writeRun(slot, buffers));

  get capacitySlots(): number {
    return this.#folder === undefined ? 0 : this.#table.capacitySlots(performance.now());
  }

  get usedSlots(): number {
    return this.#table.usedSlots;
  }

  get foundPieces(): number {
    return this.#found.count;
  }

  /** Where it lies; undefined: in no folder. */
  get folder(): string | undefined {
    return this.#folder?.path;
  }

  /** Takes up what lies in a folder. Throws StoreError `unusable` or `in-use`. */
  async open({ folder, sizeBytes }: StorePlace): Promise<void> {
    const opened = await openStoreFolder(folder, 'kept');
    const capacity = slotsOf(sizeBytes);
    const { slotCount, records } = await opened.readIndex(capacity);
    this.#records = new SlotRecords(records);
    this.#found = new FoundPieces();
    this.#table = new SlotTable(capacity, slotCount);
    this.#table.addFree(this.#found.read(slotCount, (slot) => this.#records.get(slot)));
    this.#folder = opened;
  }

  take(): number | undefined {
    if (this.#folder === undefined) return undefined;
    const slot = this.#table.take(performance.now());
    if (slot !== undefined || this.#found.count === 0) return slot;
    this.#table.addFree(this.#found.giveUpOne());
    return this.#table.take(performance.now());
  }

  free(slot: number): void {
    this.#touch(slot);
    this.#table.free(slot);
  }

  claim(pieceHash: Buffer, sizeBytes: number): readonly number[] | undefined {
    const slots = this.#found.claim(pieceHash, sizeBytes);
    for (const slot of slots ?? []) this.#written.add(slot);
    this.#table.addUsed(slots?.length ?? 0);
    return slots;
  }

  async write(slot: number, bytes: Buffer, label: SlotLabel): Promise<void> {
    while (this.#gate !== undefined) await this.#gate;
    this.#touch(slot);
    this.#records.set(slot, label);
    try {
      await this.#batch.add(slot, bytes);
      this.#written.add(slot);
      this.#copy?.add(slot);
    } catch (cause) {
      // The disk is full or broken: what has been written stays.
      this.#table.refuse(slot, performance.now());
      throw new StoreError('unwritable', 'the store takes no more: check its disk', { cause });
    }
  }

  read(slot: number, into: Buffer): Promise<void> | undefined {
    if (this.#folder === undefined) throw new StoreError('unreadable', 'there is no store');
    return this.#folder.read(slot, into);
  }

  /**
   * Goes on in another folder, with all that is held; what was there is taken away, and the old
   * folder emptied. Reading and writing go on meanwhile, but for a moment at its end. Throws
   * StoreError, and then everything is as it was.
   */
  async move({ folder, sizeBytes }: StorePlace): Promise<void> {
    if (this.#isMoving) throw new StoreError('in-use', 'the store is being moved already');
    this.#isMoving = true;
    try {
      this.#checkRoom(sizeBytes);
      const from = this.#folder;
      const to = await openStoreFolder(folder, 'fresh');
      await this.#bring(from, to, sizeBytes).catch(async (cause: unknown) => {
        await to.remove();
        const text = `expected '${to.path}' to take what is held, got ${messageOf(cause)}`;
        throw new StoreError('unwritable', text, { cause });
      });
      await from?.remove();
    } finally {
      this.#isMoving = false;
    }
  }

  /** Leaves its folder and empties it; for who holds slots, they are unreadable from now on. */
  async leave(): Promise<void> {
    await this.#alone(async () => {
      const old = this.#folder;
      this.#folder = undefined;
      this.#forgetFound();
      await old?.remove();
    });
  }

  /** Leaves its folder for good: a move that is under way fails. */
  close(): Promise<void> {
    this.#isClosed = true;
    return this.leave();
  }

  /** Brings what is held over, and at last all new slots. */
  async #bring(from: StoreFolder | undefined, to: StoreFolder, sizeBytes: number): Promise<void> {
    const labelOf = (slot: number) => this.#records.get(slot);
    const copy = from && new SlotCopy({ from, to, labelOf }, this.#written);
    this.#copy = copy;
    try {
      await copy?.bulk();
      await to.sync();
      await this.#alone(async () => {
        this.#checkRoom(sizeBytes);
        await copy?.rest();
        await to.writeRecords(0, this.#records.slice(0, this.#table.grownSlots));
        if (this.#folder !== from || this.#isClosed) {
          throw new StoreError('unusable', 'the store was closed');
        }
        this.#settleIn(to, slotsOf(sizeBytes));
      });
    } finally {
      this.#copy = undefined;
    }
  }

  #settleIn(folder: StoreFolder, capacitySlots: number): void {
    this.#folder = folder;
    this.#forgetFound();
    if (this.#table.usedSlots === 0) this.#table = new SlotTable(capacitySlots);
    else this.#table.grantCapacity(capacitySlots);
  }

  /** With nothing being written; who wants to write waits meanwhile. */
  async #alone(work: () => Promise<void>): Promise<void> {
    while (this.#gate !== undefined) await this.#gate;
    let open = () => {};
    this.#gate = new Promise((resolve) => {
      open = () => {
        this.#gate = undefined;
        resolve();
      };
    });
    try {
      await this.#batch.flush();
      await work();
    } finally {
      open();
    }
  }

  async #writeRun(firstSlot: number, buffers: readonly Buffer[]): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) throw new StoreError('unwritable', 'there is no store');
    await folder.write(firstSlot, buffers);
    await folder.writeRecords(firstSlot, this.#records.slice(firstSlot, buffers.length));
  }

  #touch(slot: number): void {
    this.#written.delete(slot);
    this.#copy?.touch(slot);
  }

  #forgetFound(): void {
    while (this.#found.count > 0) this.#table.addFree(this.#found.giveUpOne());
  }

  /** Slots keep their numbers when they are moved. */
  #checkRoom(sizeBytes: number): void {
    const neededBytes = this.#table.grownSlots * slotBytes;
    if (this.#table.usedSlots === 0 || slotsOf(sizeBytes) >= this.#table.grownSlots) return;
    const text = `expected a budget of ${formatBytes(neededBytes)} or more for what is held`;
    throw new StoreError('too-small', `${text}, got ${formatBytes(sizeBytes)}`);
  }
}

function slotsOf(sizeBytes: number): number {
  return Math.max(1, Math.floor(sizeBytes / slotBytes));
}
