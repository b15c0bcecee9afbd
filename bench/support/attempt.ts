import { messageOf } from '../../src/runtime/errors.ts';
import { waitUntilQuiet } from './quiet-machine.ts';

/** Above this share of all cores, the figures are the machine's and not the network's. */
export const busyLoad = 0.85;
/** A run as long as this says what it has to say at once. */
export const longRunSeconds = 300;

/** What became of one run. */
export type Run<Figures> =
  | {
      readonly kind: 'done';
      /** The machine was too busy for this to be a figure of the network. */
      readonly busy: boolean;
      /** Repeated because of that; the medians leave it out. */
      readonly replaced: boolean;
      readonly figures: Figures;
    }
  | { readonly kind: 'failed'; readonly reason: string };

/** What is to be run. */
export type Attempt<Figures> = {
  readonly name: string;
  readonly limitSeconds: number;
  readonly run: () => Promise<Figures>;
  /** Of all cores, 0 to 1. */
  readonly loadOf: (figures: Figures) => number;
  readonly secondsOf: (figures: Figures) => number;
  /** For people, in a few words. */
  readonly describe: (figures: Figures) => string;
  /** False: the processors are what is measured, and a busy machine says it all. */
  readonly mayRepeat: boolean;
};

export type AttemptSetting = {
  readonly waitQuietSeconds: number;
  readonly progress: (line: string) => void;
};

/** A run, and a second one if the machine was busy during the first. */
export async function runUnlessBusy<Figures>(
  attempt: Attempt<Figures>,
  setting: AttemptSetting,
): Promise<Run<Figures>[]> {
  const first = await tryRun(attempt, setting);
  if (first.kind === 'failed' || !first.busy || !attempt.mayRepeat) return [first];
  if (attempt.secondsOf(first.figures) > longRunSeconds) return [first];
  const second = await tryRun(attempt, setting);
  return [{ ...first, replaced: second.kind === 'done' }, second];
}

async function tryRun<Figures>(
  { name, limitSeconds, run, loadOf, secondsOf, describe }: Attempt<Figures>,
  { waitQuietSeconds, progress }: AttemptSetting,
): Promise<Run<Figures>> {
  try {
    await waitUntilQuiet(waitQuietSeconds, progress);
    progress(`${name}: limit ${limitSeconds.toFixed(2)} s, running`);
    const figures = await run();
    const load = loadOf(figures);
    const busy = load > busyLoad;
    const took = `${secondsOf(figures).toFixed(2)} s, ${describe(figures)}`;
    progress(`${name}: ${took}, load ${load.toFixed(2)}${busy ? ' busy' : ''}`);
    return { kind: 'done', busy, replaced: false, figures };
  } catch (error) {
    progress(`${name}: failed: ${messageOf(error)}`);
    return { kind: 'failed', reason: messageOf(error) };
  }
}
