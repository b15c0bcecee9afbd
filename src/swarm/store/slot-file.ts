import { randomBytes } from 'node:crypto';
import { close, ftruncate, openSync, read, readSync, unlinkSync, writev } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ScreeError } from '../../runtime/errors.ts';
import { WriteBatch } from './write-batch.ts';

export class StoreError extends ScreeError<'unreadable' | 'unwritable'> {}

export const slotBytes = 64 * 1024;

/**
 * One file of slots of 64 KiB, shared by all torrents of a process. It has no name on the disk, so
 * that nothing is left behind however the process ends, and it never grows past its budget.
 */
export type SlotFile = {
  readonly capacitySlots: number;
  readonly usedSlots: number;
  /** Undefined: none is free, and the file may not grow, or could not the last time. */
  readonly take: () => number | undefined;
  readonly free: (slot: number) => void;
  /** Throws StoreError `unwritable`; the slot is then lost and the file grows no further. */
  readonly write: (slot: number, bytes: Buffer) => Promise<void>;
  /**
   * Fills `into`, no longer than a slot; at once, without a promise, while the file lies in memory.
   * Throws or rejects with StoreError `unreadable`.
   */
  readonly read: (slot: number, into: Buffer) => Promise<void> | undefined;
  readonly close: () => Promise<void>;
};

/**
 * What was written a moment ago is still in memory, and read faster than a thread is asked to. When
 * many reads take longer than this, or fail, they wait for a disk (a single one may just have lost
 * the processor): for a while threads do the waiting then.
 */
const slowReadMs = 3;
const slowCost = 2;
const slowCostLimit = 6;
const slowForMs = 2000;

const readAt = promisify(read);
const writeAt = promisify(writev);

export async function openSlotFile(folder: string, sizeBytes: number): Promise<SlotFile> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `pieces-${randomBytes(6).toString('hex')}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return createSlotFile(descriptor, Math.max(1, Math.floor(sizeBytes / slotBytes)));
}

/** A file that holds nothing: pieces then live in memory only. */
export const noSlotFile: SlotFile = {
  capacitySlots: 0,
  usedSlots: 0,
  take: () => undefined,
  free: () => {},
  write: () => Promise.reject(new StoreError('unwritable', 'there is no store')),
  read: () => Promise.reject(new StoreError('unreadable', 'there is no store')),
  close: () => Promise.resolve(),
};

function createSlotFile(descriptor: number, wantedSlots: number): SlotFile {
  const freed: number[] = [];
  let capacity = wantedSlots;
  let grown = 0;
  let used = 0;
  const reads = new Set<Promise<unknown>>();
  let slowness = 0;
  let slowUntilMs = 0;
  let closed: Promise<void> | undefined;
  const batch = new WriteBatch(slotBytes, (slot, buffers) =>
    writeAll(descriptor, slot * slotBytes, buffers),
  );
  const readNow = (slot: number, into: Buffer): Promise<void> | undefined => {
    const startedAtMs = performance.now();
    let failure: unknown;
    try {
      checkWhole(readSync(descriptor, into, 0, into.length, slot * slotBytes), into);
    } catch (cause) {
      failure = unreadable(cause);
    }
    const nowMs = performance.now();
    const isSlow = failure !== undefined || nowMs - startedAtMs > slowReadMs;
    slowness = isSlow ? slowness + slowCost : Math.max(0, slowness - 1);
    if (slowness >= slowCostLimit) slowUntilMs = nowMs + slowForMs;
    return failure === undefined ? undefined : Promise.reject(failure);
  };
  return {
    get capacitySlots() {
      return capacity;
    },
    get usedSlots() {
      return used;
    },
    take: () => {
      const slot = freed.pop() ?? (grown < capacity ? grown++ : undefined);
      if (slot !== undefined) used += 1;
      return slot;
    },
    free: (slot) => {
      used -= 1;
      freed.push(slot);
    },
    write: async (slot, bytes) => {
      if (closed !== undefined) throw new StoreError('unwritable', 'the store is closed');
      try {
        await batch.add(slot, bytes);
      } catch (cause) {
        // The disk is full or broken: what has been written stays, nothing is added.
        capacity = Math.min(capacity, Math.max(0, grown - 1));
        used -= 1;
        throw new StoreError('unwritable', 'the store takes no more: check its disk', { cause });
      }
    },
    read: (slot, into) => {
      if (closed !== undefined) throw new StoreError('unreadable', 'the store is closed');
      if (performance.now() >= slowUntilMs) return readNow(slot, into);
      const reading = readSlot(descriptor, slot, into).finally(() => reads.delete(reading));
      reads.add(reading);
      return reading;
    },
    // Nothing may be under way then: the descriptor's number is soon that of something else.
    close: () => {
      closed ??= Promise.all([batch.flush(), Promise.allSettled(reads)]).then(() =>
        closeFile(descriptor),
      );
      return closed;
    },
  };
}

async function readSlot(descriptor: number, slot: number, into: Buffer): Promise<void> {
  try {
    const { bytesRead } = await readAt(descriptor, into, 0, into.length, slot * slotBytes);
    checkWhole(bytesRead, into);
  } catch (cause) {
    throw unreadable(cause);
  }
}

function checkWhole(readBytes: number, into: Buffer): void {
  if (readBytes < into.length) throw new Error(`${readBytes} bytes instead of ${into.length}`);
}

function unreadable(cause: unknown): StoreError {
  return new StoreError('unreadable', 'the store cannot be read: check its disk', { cause });
}

async function closeFile(descriptor: number): Promise<void> {
  await promisify(ftruncate)(descriptor, 0).catch(() => {});
  await promisify(close)(descriptor);
}

async function writeAll(
  descriptor: number,
  position: number,
  buffers: readonly Buffer[],
): Promise<void> {
  const sizeBytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  const { bytesWritten } = await writeAt(descriptor, [...buffers], position);
  if (bytesWritten < sizeBytes) throw new Error(`took ${bytesWritten} of ${sizeBytes} bytes`);
}
