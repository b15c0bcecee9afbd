/** Whoever was let in gives the place back when the answer is over, however it ended. */
export type Admitted = { readonly leave: () => void };

export type AdmissionLimits = {
  /** How many are answered at once. */
  readonly places: number;
  /** How many may wait for a place; more are told to come back. */
  readonly waiting: number;
};

/**
 * A limited number of places and a waiting line in the order of arrival. One that leaves the line
 * (`signal`) is passed over; a place that was given is always given back once.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #line = new Set<() => void>();
  #taken = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#line.size;
  }

  /** `full` when the line is; `gone` when the signal was aborted first. */
  async enter(signal: AbortSignal): Promise<Admitted | 'full' | 'gone'> {
    if (signal.aborted) return 'gone';
    if (this.#taken >= this.#limits.places) {
      if (this.#line.size >= this.#limits.waiting) return 'full';
      if (!(await this.#wait(signal))) return 'gone';
    } else this.#taken += 1;
    return { leave: once(() => this.#pass()) };
  }

  /** True when the place of somebody who left was passed on. */
  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = () => {
        this.#line.delete(turn);
        resolve(false);
      };
      const turn = () => {
        signal.removeEventListener('abort', leave);
        resolve(true);
      };
      this.#line.add(turn);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  #pass(): void {
    const [next] = this.#line;
    // The place goes straight to the next in line, so that nobody slips in between.
    if (next === undefined) this.#taken -= 1;
    else {
      this.#line.delete(next);
      next();
    }
  }
}

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) work();
    isDone = true;
  };
}
