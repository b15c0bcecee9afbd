/** Bytes that are kept as long as there is room. */
export type KeptChunk = {
  readonly sizeBytes: number;
  /** Called when there is no room any more. */
  readonly forget: () => void;
};

/** Which chunks of all files stay in memory: those used last, within a budget. */
export class ChunkMemory {
  readonly #budgetBytes: number;
  /** The one used longest ago first. */
  readonly #chunks = new Set<KeptChunk>();
  #newest: KeptChunk | undefined;
  #usedBytes = 0;

  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  keep(chunk: KeptChunk): void {
    this.#usedBytes += chunk.sizeBytes;
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
    this.#usedBytes -= chunk.sizeBytes;
    if (this.#newest === chunk) this.#newest = undefined;
  }
}
