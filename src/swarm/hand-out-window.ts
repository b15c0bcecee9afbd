const leastPieces = 8;
const worthMs = 300;

/** How many pieces a seeder has on the way at once: what leaves it in a third of a second. */
export class HandOutWindow {
  readonly #pieceLengthBytes: number;
  #rateBytesPerMs = 0;
  #confirmedBytes = 0;
  #measuredAtMs = 0;

  constructor(pieceLengthBytes: number) {
    this.#pieceLengthBytes = pieceLengthBytes;
  }

  get pieces(): number {
    const worth = (this.#rateBytesPerMs * worthMs) / this.#pieceLengthBytes;
    return Math.max(leastPieces, Math.ceil(worth));
  }

  /** A piece has arrived. */
  confirm(): void {
    this.#confirmedBytes += this.#pieceLengthBytes;
  }

  /** True when a span has been measured. The rate rises at once and falls slowly. */
  measure(nowMs: number): boolean {
    const elapsedMs = nowMs - this.#measuredAtMs;
    if (elapsedMs < worthMs) return false;
    const rate = this.#confirmedBytes / elapsedMs;
    this.#rateBytesPerMs = Math.max(rate, this.#rateBytesPerMs * 0.7 + rate * 0.3);
    this.#confirmedBytes = 0;
    this.#measuredAtMs = nowMs;
    return true;
  }
}
