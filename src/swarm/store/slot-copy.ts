import type { SlotLabel } from './slot-records.ts';
import { StoreError } from './store-error.ts';
import { type StoreFolder, slotBytes } from './store-folder.ts';

export type SlotCopyDeps = {
  readonly from: Pick<StoreFolder, 'read'>;
  readonly to: Pick<StoreFolder, 'write'>;
  readonly labelOf: (slot: number) => SlotLabel | undefined;
};

const atOnce = 8;
/** What a store that is written to all the time may leave for the end, when nobody may write. */
const restSlots = 64;
const longestRestMs = 20_000;

/** Copies slots to another folder, each to its own place, while they are used. */
export class SlotCopy {
  readonly #deps: SlotCopyDeps;
  readonly #pending: Set<number>;

  constructor(deps: SlotCopyDeps, written: Iterable<number>) {
    this.#deps = deps;
    this.#pending = new Set(written);
  }

  /** The slot has been written. */
  add(slot: number): void {
    this.#pending.add(slot);
  }

  /** The slot has been freed, or is about to be written: nothing of it is worth copying. */
  touch(slot: number): void {
    this.#pending.delete(slot);
  }

  /** Nearly everything; ends when as much is written meanwhile as is copied. */
  async bulk(): Promise<void> {
    let before = Number.POSITIVE_INFINITY;
    while (this.#pending.size > restSlots && this.#pending.size < before) {
      before = this.#pending.size;
      await this.#copy([...this.#pending]);
    }
  }

  /** Everything; nothing may be written meanwhile. Throws StoreError when it takes too long. */
  async rest(): Promise<void> {
    await this.#copy([...this.#pending], performance.now() + longestRestMs);
  }

  async #copy(slots: readonly number[], deadlineMs = Number.POSITIVE_INFINITY): Promise<void> {
    const queue = slots.values();
    const lanes = Array.from({ length: atOnce }, async () => {
      // One for all that the lane copies: thousands would be memory until they are collected.
      const bytes = Buffer.allocUnsafeSlow(slotBytes);
      for (const slot of queue) {
        if (performance.now() > deadlineMs) throw tooSlow();
        await this.#copyOne(slot, bytes);
      }
    });
    const ends = await Promise.allSettled(lanes);
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #copyOne(slot: number, whole: Buffer): Promise<void> {
    // From here on whoever writes it again adds it again.
    if (!this.#pending.delete(slot)) return;
    const bytes = whole.subarray(0, sizeInSlot(this.#deps.labelOf(slot)));
    await this.#deps.from.read(slot, bytes);
    await this.#deps.to.write(slot, [bytes]);
  }
}

function tooSlow(): StoreError {
  return new StoreError('unwritable', `its disk took more than ${longestRestMs} ms`);
}

function sizeInSlot(label: SlotLabel | undefined): number {
  if (label === undefined) return 0;
  return Math.min(slotBytes, label.sizeBytes - label.part * slotBytes);
}
