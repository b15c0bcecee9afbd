/** A limited number of workers, and a limited number of tasks that wait for one of them. */
export class WaitingLine {
  readonly #workers: number;
  readonly #longest: number;
  readonly #waiting: (() => void)[] = [];
  #working = 0;

  constructor(limits: { readonly workers: number; readonly longest: number }) {
    this.#workers = limits.workers;
    this.#longest = limits.longest;
  }

  get isFull(): boolean {
    return this.#working >= this.#workers && this.#waiting.length >= this.#longest;
  }

  /** Runs the task when a worker is free. Ask `isFull` first. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#working < this.#workers) this.#working += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      // The place goes straight to the next in line, so that nobody slips in between.
      if (next === undefined) this.#working -= 1;
      else next();
    }
  }
}
