const leastPieces = 8;
const worthMs = 300;
/** A piece that arrives sooner did not wait for others: there is room for one more. */
const quickMs = worthMs / 2;

/**
 * How many pieces a seeder has on the way at once: what leaves it in a third of a second. Until
 * that is known, one more for each that arrives quickly.
 */
export class HandOutWindow {
  readonly #pieceLengthBytes: number;
  #rateBytesPerMs = 0;
  #confirmedBytes = 0;
  #measuredAtMs = 0;
  #tried = leastPieces;

  constructor(pieceLengthBytes: number) {
    this.#pieceLengthBytes = pieceLengthBytes;
  }

  get pieces(): number {
    const worth = (this.#rateBytesPerMs * worthMs) / this.#pieceLengthBytes;
    return Math.max(this.#tried, Math.ceil(worth));
  }

  /** A piece has arrived, so long after it was shown. */
  confirm(tookMs: number): void {
    this.#confirmedBytes += this.#pieceLengthBytes;
    if (tookMs < quickMs) this.#tried += 1;
  }

  /** True when a span has been measured. The rate rises at once and falls slowly. */
  measure(nowMs: number): boolean {
    const elapsedMs = nowMs - this.#measuredAtMs;
    if (elapsedMs < worthMs) return false;
    const rate = this.#confirmedBytes / elapsedMs;
    this.#rateBytesPerMs = Math.max(rate, this.#rateBytesPerMs * 0.7 + rate * 0.3);
    this.#confirmedBytes = 0;
    this.#measuredAtMs = nowMs;
    this.#tried = leastPieces;
    return true;
  }
}
