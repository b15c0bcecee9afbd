/** Bytes that are kept as long as there is room. */
export type KeptChunk = {
  /** From `take`; used again when there is no room for the chunk any more. */
  readonly memory: Buffer;
  /** Called when there is no room any more. */
  readonly forget: () => void;
};

/** Which chunks of all files stay in memory: those used last, within a budget. */
export class ChunkMemory {
  readonly #budgetBytes: number;
  readonly #chunkBytes: number;
  /** To allocate for each chunk would keep the garbage collector busy beside every transfer. */
  readonly #free: Buffer[] = [];
  /** The one used longest ago first. */
  readonly #chunks = new Set<KeptChunk>();
  #newest: KeptChunk | undefined;
  #usedBytes = 0;

  constructor(config: { readonly budgetBytes: number; readonly chunkBytes: number }) {
    this.#budgetBytes = config.budgetBytes;
    this.#chunkBytes = config.chunkBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Memory for one chunk. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes < this.#chunkBytes) return Buffer.allocUnsafeSlow(sizeBytes);
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#chunkBytes);
  }

  /** Memory that was taken, and is not kept. */
  giveBack(memory: Buffer): void {
    const heldBytes = this.#usedBytes + this.#free.length * this.#chunkBytes;
    if (memory.length < this.#chunkBytes || heldBytes >= this.#budgetBytes) return;
    this.#free.push(memory);
  }

  keep(chunk: KeptChunk): void {
    this.#usedBytes += chunk.memory.length;
    this.#chunks.add(chunk);
    this.#newest = chunk;
    for (const oldest of this.#chunks) {
      if (this.#usedBytes <= this.#budgetBytes) return;
      this.release(oldest);
      oldest.forget();
    }
  }

  use(chunk: KeptChunk): void {
    if (chunk === this.#newest || !this.#chunks.delete(chunk)) return;
    this.#chunks.add(chunk);
    this.#newest = chunk;
  }

  release(chunk: KeptChunk): void {
    if (!this.#chunks.delete(chunk)) return;
    this.#usedBytes -= chunk.memory.length;
    if (this.#newest === chunk) this.#newest = undefined;
    this.giveBack(chunk.memory);
  }
}
