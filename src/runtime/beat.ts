/** What is due within so many milliseconds is done in one turn of the loop. */
export const beatMs = 30;

export type BeatTimer = { readonly cancel: () => void };

/** What is due at each beat, by its number. */
const due = new Map<number, Set<() => void>>();
let armedFor = Number.POSITIVE_INFINITY;
let timer: NodeJS.Timeout | undefined;

/**
 * Runs something at the beat of the process that is nearest to so many milliseconds from now, the
 * next one at the earliest. To wake it for each small thing at its own time costs more than the
 * things themselves.
 */
export function atBeat(delayMs: number, run: () => void): BeatTimer {
  const nowBeats = performance.now() / beatMs;
  return schedule(Math.max(Math.ceil(nowBeats), Math.round(nowBeats + delayMs / beatMs)), run);
}

/** Runs something again and again, at beats about so many milliseconds apart. */
export function everyBeat(intervalMs: number, run: () => void): BeatTimer {
  const beats = Math.max(1, Math.round(intervalMs / beatMs));
  let next: BeatTimer;
  const runAndGoOn = () => {
    next = schedule(Math.floor(performance.now() / beatMs) + beats, runAndGoOn);
    run();
  };
  next = atBeat(intervalMs, runAndGoOn);
  return { cancel: () => next.cancel() };
}

function schedule(beat: number, run: () => void): BeatTimer {
  const runs = due.get(beat) ?? new Set();
  due.set(beat, runs);
  const entry = () => run();
  runs.add(entry);
  if (beat < armedFor) arm(beat);
  return {
    cancel: () => {
      if (!runs.delete(entry) || runs.size > 0) return;
      due.delete(beat);
      if (armedFor === beat) arm(Math.min(...due.keys()));
    },
  };
}

function arm(beat: number): void {
  clearTimeout(timer);
  armedFor = beat;
  if (beat === Number.POSITIVE_INFINITY) return;
  // Whole milliseconds, rounded up: the runtime would cut them off and be early.
  timer = setTimeout(beatNow, Math.max(0, Math.ceil(beat * beatMs - performance.now())));
}

function beatNow(): void {
  const now = performance.now() / beatMs;
  for (const beat of [...due.keys()].filter((each) => each <= now).sort(byNumber)) runAll(beat);
  arm(Math.min(...due.keys()));
}

function runAll(beat: number): void {
  const runs = due.get(beat) ?? [];
  due.delete(beat);
  for (const run of runs) run();
}

function byNumber(one: number, other: number): number {
  return one - other;
}
