import type { Clock, Timer } from '../../runtime/clock.ts';

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
  /** A binary heap, the next first. */
  readonly #heap: Happening[] = [];

  readonly nowMs = (): number => this.#nowMs;

  get events(): number {
    return this.#happened;
  }

  at(atMs: number, run: () => void): Timer {
    const happening: Happening = { atMs: Math.max(atMs, this.#nowMs), order: this.#planned++, run };
    this.#push(happening);
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
    const next = this.#pop();
    if (next === undefined) return false;
    this.#nowMs = next.atMs;
    if (next.run !== undefined) {
      this.#happened += 1;
      next.run();
    }
    for (; this.#unsettled > 0; this.#unsettled -= 1) await settled;
    return true;
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || comesBefore(parent, happening)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = happening;
  }

  #pop(): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      let child = heap[below];
      const other = heap[below + 1];
      if (child !== undefined && other !== undefined && comesBefore(other, child)) {
        child = other;
        below += 1;
      }
      if (child === undefined || comesBefore(last, child)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}

function comesBefore(one: Happening, other: Happening): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
