import type { Clock, Timer } from '../../runtime/clock.ts';
import { Heap } from '../../runtime/heap.ts';

type Happening = { readonly atMs: number; readonly order: number; run: (() => void) | undefined };

/** As many turns of the promise queue as the longest chain of promises behind one event has. */
const turnsToSettle = 16;
const settled = Promise.resolve();

/**
 * Time that passes only from one event to the next. What is due at the same moment happens in the
 * order in which it was planned, so that a run is the same every time.
 */
export class VirtualTime implements Clock {
  #nowMs = 0;
  #planned = 0;
  #happened = 0;
  #unsettled = 0;
  readonly #heap = new Heap<Happening>(comesBefore);

  readonly nowMs = (): number => this.#nowMs;

  get events(): number {
    return this.#happened;
  }

  at(atMs: number, run: () => void): Timer {
    const happening: Happening = { atMs: Math.max(atMs, this.#nowMs), order: this.#planned++, run };
    this.#heap.push(happening);
    return {
      cancel: () => {
        happening.run = undefined;
      },
    };
  }

  after(delayMs: number, run: () => void): Timer {
    return this.at(this.#nowMs + delayMs, run);
  }

  every(intervalMs: number, run: () => void): Timer {
    let timer: Timer;
    const again = () => {
      timer = this.after(intervalMs, again);
      run();
    };
    timer = this.after(intervalMs, again);
    return { cancel: () => timer.cancel() };
  }

  soon(run: () => void): void {
    this.at(this.#nowMs, run);
  }

  /** Promises have been settled by this event: what waits for them is to run before the next. */
  unsettle(): void {
    this.#unsettled = turnsToSettle;
  }

  /** The next event; false when there is none. */
  async step(): Promise<boolean> {
    const next = this.#heap.pop();
    if (next === undefined) return false;
    this.#nowMs = next.atMs;
    if (next.run !== undefined) {
      this.#happened += 1;
      next.run();
    }
    for (; this.#unsettled > 0; this.#unsettled -= 1) await settled;
    return true;
  }
}

function comesBefore(one: Happening, other: Happening): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
