export type PaceLimits = {
  /** So many at once, and so many a second for as long as one likes. */
  readonly burst: number;
  readonly perSecond: number;
  /** Of more addresses those are forgotten that have been silent for longest. */
  readonly addresses: number;
};

type Purse = { left: number; atMs: number };

/** How often each machine may do something, however many ports and names it takes. */
export class AddressPace {
  readonly #limits: PaceLimits;
  /** Silent for longest first. */
  readonly #purses = new Map<string, Purse>();

  constructor(limits: PaceLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#purses.size;
  }

  /** False: it is too often. */
  take(address: string, nowMs: number): boolean {
    const { burst, perSecond, addresses } = this.#limits;
    const purse = this.#purses.get(address) ?? { left: burst, atMs: nowMs };
    const earned = ((nowMs - purse.atMs) / 1000) * perSecond;
    purse.left = Math.min(burst, purse.left + earned);
    purse.atMs = nowMs;
    this.#purses.delete(address);
    this.#purses.set(address, purse);
    const [oldest] = this.#purses.keys();
    if (this.#purses.size > addresses && oldest !== undefined) this.#purses.delete(oldest);
    if (purse.left < 1) return false;
    purse.left -= 1;
    return true;
  }
}
