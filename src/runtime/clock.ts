import { atBeat, everyBeat } from './beat.ts';

/** Something that is done later, or again and again, until it is cancelled. */
export type Timer = { readonly cancel: () => void };

/** The time, and what is to be done later: the machine's own, or one that is only computed. */
export type Clock = {
  /** Milliseconds since any fixed moment; never goes back. */
  readonly nowMs: () => number;
  readonly after: (delayMs: number, run: () => void) => Timer;
  readonly every: (intervalMs: number, run: () => void) => Timer;
  /** When what has come in already has been dealt with. */
  readonly soon: (run: () => void) => void;
};

/** What is to be done later is done at the beats of the process. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  after: atBeat,
  every: everyBeat,
  soon: (run) => void setImmediate(run),
};
