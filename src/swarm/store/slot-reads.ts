import { read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { StoreError } from './store-error.ts';

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

/** Reads slots of an open file: at once while it lies in memory, in threads while it does not. */
export class SlotReads {
  readonly #descriptor: number;
  readonly #slotBytes: number;
  readonly #running = new Set<Promise<unknown>>();
  #slowness = 0;
  #slowUntilMs = 0;

  constructor(descriptor: number, slotBytes: number) {
    this.#descriptor = descriptor;
    this.#slotBytes = slotBytes;
  }

  /** Fills `into`; without a promise when that is done. Rejects with StoreError `unreadable`. */
  read(slot: number, into: Buffer): Promise<void> | undefined {
    if (performance.now() >= this.#slowUntilMs) return this.#readNow(slot, into);
    const reading = this.#readInThread(slot, into).finally(() => this.#running.delete(reading));
    this.#running.add(reading);
    return reading;
  }

  /** When no thread reads any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  #readNow(slot: number, into: Buffer): Promise<void> | undefined {
    const startedAtMs = performance.now();
    let failure: unknown;
    try {
      const position = slot * this.#slotBytes;
      checkWhole(readSync(this.#descriptor, into, 0, into.length, position), into);
    } catch (cause) {
      failure = unreadable(cause);
    }
    const nowMs = performance.now();
    const isSlow = failure !== undefined || nowMs - startedAtMs > slowReadMs;
    this.#slowness = isSlow ? this.#slowness + slowCost : Math.max(0, this.#slowness - 1);
    if (this.#slowness >= slowCostLimit) this.#slowUntilMs = nowMs + slowForMs;
    return failure === undefined ? undefined : Promise.reject(failure);
  }

  async #readInThread(slot: number, into: Buffer): Promise<void> {
    try {
      const position = slot * this.#slotBytes;
      const { bytesRead } = await readAt(this.#descriptor, into, 0, into.length, position);
      checkWhole(bytesRead, into);
    } catch (cause) {
      throw unreadable(cause);
    }
  }
}

function checkWhole(readBytes: number, into: Buffer): void {
  if (readBytes < into.length) throw new Error(`${readBytes} bytes instead of ${into.length}`);
}

function unreadable(cause: unknown): StoreError {
  return new StoreError('unreadable', 'the store cannot be read: check its disk', { cause });
}
