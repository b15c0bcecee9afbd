const windowSeconds = 60;

/** Counts events and tells how many a second there were over the last minute. */
export class RateWindow {
  readonly #counts = new Uint32Array(windowSeconds);
  #newestSecond = 0;
  #sum = 0;

  add(nowMs: number): void {
    const second = this.#advance(nowMs) % windowSeconds;
    this.#counts[second] = (this.#counts[second] ?? 0) + 1;
    this.#sum += 1;
  }

  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    return this.#sum / windowSeconds;
  }

  #advance(nowMs: number): number {
    const second = Math.floor(nowMs / 1000);
    const firstStale = Math.max(this.#newestSecond + 1, second - windowSeconds + 1);
    for (let stale = firstStale; stale <= second; stale += 1) {
      this.#sum -= this.#counts[stale % windowSeconds] ?? 0;
      this.#counts[stale % windowSeconds] = 0;
    }
    this.#newestSecond = Math.max(this.#newestSecond, second);
    return this.#newestSecond;
  }
}
