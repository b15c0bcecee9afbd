const minuteMs = 60_000;
const mostAddresses = 4096;

export type AttemptsConfig = { readonly perMinute: number };

/**
 * Counts what failed, by address, a minute at a time, so that nobody tries tokens at leisure or fills
 * the log. Of more addresses than it can count, none may try.
 */
export class FailedAttempts {
  readonly #counts = new Map<string, number>();
  readonly #perMinute: number;
  readonly #clockMs: () => number;
  #sinceMs: number;

  constructor(clockMs: () => number, { perMinute }: AttemptsConfig) {
    this.#clockMs = clockMs;
    this.#sinceMs = clockMs();
    this.#perMinute = perMinute;
  }

  /** How long this address has to wait; 0: not at all. */
  waitMs(address: string): number {
    const elapsedMs = this.#clockMs() - this.#sinceMs;
    if (elapsedMs >= minuteMs) {
      this.#counts.clear();
      this.#sinceMs = this.#clockMs();
      return 0;
    }
    const count = this.#counts.get(address);
    const isFull = count === undefined && this.#counts.size >= mostAddresses;
    return isFull || (count ?? 0) >= this.#perMinute ? minuteMs - elapsedMs : 0;
  }

  note(address: string): void {
    const count = this.#counts.get(address);
    if (count === undefined && this.#counts.size >= mostAddresses) return;
    this.#counts.set(address, (count ?? 0) + 1);
  }
}
