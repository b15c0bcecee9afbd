/** How long the installer waited for the first byte of a tree's file, over its latest requests. */
export type FirstByteReport = {
  /** Requests that got one, since the start. */
  readonly count: number;
  readonly medianMs: number;
  /** 99 of 100 waited no longer. */
  readonly p99Ms: number;
};

const keptCount = 4096;

export class FirstByteWaits {
  readonly #latestMs = new Float64Array(keptCount);
  #count = 0;

  add(waitMs: number): void {
    this.#latestMs[this.#count % keptCount] = waitMs;
    this.#count += 1;
  }

  report(): FirstByteReport {
    const sorted = this.#latestMs.slice(0, Math.min(this.#count, keptCount)).sort();
    const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
    return { count: this.#count, medianMs: at(0.5), p99Ms: at(0.99) };
  }
}
