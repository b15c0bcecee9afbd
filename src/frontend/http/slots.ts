/**
 * A limited number of places, such as for fallback ranges. Nobody waits for one: what finds none
 * is refused and comes back later.
 */
export class Slots {
  readonly #limit: number;
  #taken = 0;
  #refused = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What gives the place back (once; more calls do nothing), or undefined when all are taken. */
  take(): (() => void) | undefined {
    if (this.#taken >= this.#limit) {
      this.#refused += 1;
      return undefined;
    }
    this.#taken += 1;
    let given = false;
    return () => {
      if (!given) this.#taken -= 1;
      given = true;
    };
  }

  get taken(): number {
    return this.#taken;
  }

  /** How often there was none. */
  get refused(): number {
    return this.#refused;
  }
}
