import { setTimeout as sleep } from 'node:timers/promises';
import type { Slots } from '../../src/swarm/store/slot-file.ts';
import { StoreError } from '../../src/swarm/store/store-error.ts';

export type FakeSlotFile = Slots & {
  /** While true, every write fails as on a full disk. */
  full: boolean;
  /** While true, every read fails as on a broken disk. */
  broken: boolean;
  /** Slots that were freed though nobody had them, or written though nobody had them. */
  readonly misuse: string[];
};

/**
 * A slot file in memory whose disk is slow: what is read is what lies there when the reading ends,
 * as on a real disk that a later write overtakes.
 */
export function createFakeSlotFile(
  capacitySlots: number,
  delays: { readonly readMs?: number; readonly writeMs?: number } = {},
): FakeSlotFile {
  const { readMs = 0, writeMs = 0 } = delays;
  const taken = new Set<number>();
  const contents = new Map<number, Buffer>();
  const misuse: string[] = [];
  const file: FakeSlotFile = {
    capacitySlots,
    full: false,
    broken: false,
    misuse,
    get usedSlots() {
      return taken.size;
    },
    take: () => {
      for (let slot = 0; slot < capacitySlots; slot += 1) {
        if (taken.has(slot)) continue;
        taken.add(slot);
        return slot;
      }
      return undefined;
    },
    free: (slot) => {
      if (!taken.delete(slot)) misuse.push(`slot ${slot} was freed and had not been taken`);
    },
    write: async (slot, bytes) => {
      if (!taken.has(slot)) misuse.push(`slot ${slot} was written and had not been taken`);
      await sleep(writeMs);
      if (!taken.has(slot)) misuse.push(`slot ${slot} was freed while it was written`);
      if (file.full) {
        taken.delete(slot);
        throw new StoreError('unwritable', 'the disk is full');
      }
      contents.set(slot, Buffer.from(bytes));
    },
    read: async (slot, into) => {
      await sleep(readMs);
      const bytes = contents.get(slot);
      if (file.broken || bytes === undefined || bytes.length < into.length) {
        throw new StoreError('unreadable', 'the disk is broken');
      }
      bytes.copy(into);
    },
    claim: () => undefined,
    foundPieces: 0,
  };
  return file;
}
