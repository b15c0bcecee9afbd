/** More than any client sends: firmware repeats itself every few seconds. */
const packetsPerSecond = 5;
const burst = 20;
const machinesLimit = 8192;

/** How much of one machine is heard, so that none keeps the others from being heard. */
export class FloodGate {
  readonly #levels = new Map<string, { tokens: number; atMs: number }>();

  /** False: it has said too much of late. */
  admits(mac: string, nowMs: number): boolean {
    const known = this.#levels.get(mac);
    const level = known ?? { tokens: burst, atMs: nowMs };
    const gained = ((nowMs - level.atMs) / 1000) * packetsPerSecond;
    level.tokens = Math.min(burst, level.tokens + gained);
    level.atMs = nowMs;
    // The one that was heard last is last.
    this.#levels.delete(mac);
    this.#levels.set(mac, level);
    this.#forgetOldest();
    if (level.tokens < 1) return false;
    level.tokens -= 1;
    return true;
  }

  #forgetOldest(): void {
    if (this.#levels.size <= machinesLimit) return;
    for (const mac of this.#levels.keys()) {
      this.#levels.delete(mac);
      return;
    }
  }
}
