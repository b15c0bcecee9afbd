/** Some bytes for a slot, and who waits for them to be written. */
export type PendingWrite = {
  readonly slot: number;
  readonly bytes: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

const delayMs = 200;
const longestRunBytes = 2 * 1024 * 1024;

/** Writes neighbouring slots; throws when any byte was not written. */
export type WriteRun = (firstSlot: number, buffers: readonly Buffer[]) => Promise<void>;

/**
 * Collects writes for a moment and does those of neighbouring slots in one go: a call for every
 * piece costs more than the writing itself.
 */
export class WriteBatch {
  readonly #slotBytes: number;
  readonly #writeRun: WriteRun;
  #pending: PendingWrite[] = [];
  #pendingBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;

  constructor(slotBytes: number, writeRun: WriteRun) {
    this.#slotBytes = slotBytes;
    this.#writeRun = writeRun;
  }

  add(slot: number, bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ slot, bytes, resolve, reject });
      this.#pendingBytes += bytes.length;
      if (this.#pendingBytes >= longestRunBytes) void this.flush();
      else this.#timer ??= setTimeout(() => this.#onTimer(), delayMs);
    });
  }

  /** Ends when all has been written. Never rejects: each write's own promise tells its end. */
  flush(): Promise<void> {
    if (this.#flushing === undefined && this.#pending.length > 0) this.#flushing = this.#writeAll();
    return this.#flushing ?? Promise.resolve();
  }

  #onTimer(): void {
    this.#timer = undefined;
    void this.flush();
  }

  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      const writes = this.#pending;
      this.#pending = [];
      this.#pendingBytes = 0;
      for (const run of this.#runsOf(writes)) await this.#write(run);
    }
    this.#flushing = undefined;
  }

  async #write(run: readonly PendingWrite[]): Promise<void> {
    const [first] = run;
    if (first === undefined) return;
    try {
      await this.#writeRun(
        first.slot,
        run.map((write) => write.bytes),
      );
      for (const write of run) write.resolve();
    } catch (error) {
      if (run.length === 1) return first.reject(error);
      // Some of it may fit all the same.
      for (const write of run) await this.#write([write]);
    }
  }

  /** Neighbours follow each other only when the one before fills its slot. */
  #runsOf(writes: readonly PendingWrite[]): PendingWrite[][] {
    const runs: PendingWrite[][] = [];
    let last: PendingWrite | undefined;
    for (const write of [...writes].sort((one, other) => one.slot - other.slot)) {
      const follows = last?.slot === write.slot - 1 && last.bytes.length === this.#slotBytes;
      if (follows) runs.at(-1)?.push(write);
      else runs.push([write]);
      last = write;
    }
    return runs;
  }
}
