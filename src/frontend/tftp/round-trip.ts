/** Before anything was measured (RFC 6298). */
const firstTimeoutMs = 1_000;
/** On top of the round trip: a loader that is busy with what it got is not to get it again. */
const shortestMarginMs = 20;
const longestTimeoutMs = 5_000;

/**
 * How long to wait for an acknowledgement before sending again: from measured round trips, after
 * RFC 6298, and twice as long each time that nothing came.
 */
export class RoundTrip {
  readonly #longestMs: number;
  #smoothedMs: number | undefined;
  #variationMs = 0;
  #timeoutMs: number;

  /** `longestMs` is what the client itself waits, where it said so. */
  constructor(longestMs: number = longestTimeoutMs) {
    this.#longestMs = Math.min(longestMs, longestTimeoutMs);
    this.#timeoutMs = Math.min(firstTimeoutMs, this.#longestMs);
  }

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** Undefined until one was measured. */
  get smoothedMs(): number | undefined {
    return this.#smoothedMs;
  }

  /** Only of blocks that were sent once: of others nobody knows which one was answered. */
  measured(elapsedMs: number): void {
    const before = this.#smoothedMs;
    const difference = before === undefined ? elapsedMs / 2 : Math.abs(before - elapsedMs);
    this.#variationMs =
      before === undefined ? difference : 0.75 * this.#variationMs + 0.25 * difference;
    this.#smoothedMs = before === undefined ? elapsedMs : 0.875 * before + 0.125 * elapsedMs;
    this.#timeoutMs = this.#within(this.#smoothedMs);
  }

  /**
   * The client said something new, so long after the last time: however long was waited before, no
   * longer is needed. Where much is lost nearly every block is sent twice, and none is measured.
   */
  answered(elapsedMs: number): void {
    const longestMs = this.#within(Math.max(this.#smoothedMs ?? firstTimeoutMs, elapsedMs));
    this.#timeoutMs = Math.min(this.#timeoutMs, longestMs);
  }

  backOff(): void {
    this.#timeoutMs = Math.min(this.#timeoutMs * 2, this.#longestMs);
  }

  #within(elapsedMs: number): number {
    const marginMs = Math.max(4 * this.#variationMs, shortestMarginMs);
    return Math.min(elapsedMs + marginMs, this.#longestMs);
  }
}
