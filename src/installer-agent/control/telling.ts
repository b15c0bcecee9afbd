import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { within } from '../within.ts';
import type { FrontendCalls, InstallEnd } from './frontend-calls.ts';

/** Whether the frontend knows; if not, why. */
export type TellState =
  | { readonly isTold: true }
  | { readonly isTold: false; readonly reason: string };

/** Tells the frontend of an end, until it knows, or refuses to, or the agent is stopped. */
export type Telling = {
  readonly state: () => TellState;
  /** Tries often for so long; resolves earlier when there is nothing more to be tried. */
  readonly press: (forMs: number) => Promise<void>;
  /** The end is another one now. */
  readonly stop: () => void;
};

export type TellingDeps = {
  /** Undefined: this install has no token, so that nobody can be told. */
  readonly calls: Pick<FrontendCalls, 'end'> | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
};

export type TellingLimits = {
  /** The longest that one attempt may take. */
  readonly tellMs: number;
  /** Between two while somebody waits; else the pause doubles, up to the longest. */
  readonly retryMs: number;
  readonly longestRetryMs: number;
};

const noToken = 'expected a token (scree.token=) to tell the frontend with, got none';
const noAnswer = 'the frontend gave no answer in time';

export function startTelling(end: InstallEnd, deps: TellingDeps, limits: TellingLimits): Telling {
  const { calls, log } = deps;
  const stop = new AbortController();
  const signal = AbortSignal.any([deps.signal, stop.signal]);
  const over = Promise.withResolvers<void>();
  let state: TellState = { isTold: false, reason: calls === undefined ? noToken : noAnswer };
  let pressedUntilMs = Number.NEGATIVE_INFINITY;
  let nap = new AbortController();

  /** True when there is nothing more to be tried. */
  async function attempt({ end: tell }: Pick<FrontendCalls, 'end'>): Promise<boolean> {
    const late = () => new Error(noAnswer);
    const told = await within(tell(end), limits.tellMs, late).catch((error: unknown) => {
      return { kind: 'away', reason: messageOf(error) } as const;
    });
    state = told.kind === 'told' ? { isTold: true } : { isTold: false, reason: told.reason };
    return told.kind !== 'away';
  }

  async function run(): Promise<void> {
    const { outcome } = end;
    for (let failures = 1; calls !== undefined && !signal.aborted; failures += 1) {
      if (await attempt(calls)) break;
      if (failures === 1) log.warn('end of the install not told yet', { outcome, ...state });
      const isPressed = performance.now() < pressedUntilMs;
      nap = new AbortController();
      const pauseMs = isPressed ? limits.retryMs : growingPauseMs(failures, limits);
      await rest(pauseMs, AbortSignal.any([signal, nap.signal]));
    }
    over.resolve();
  }

  signal.addEventListener('abort', () => over.resolve(), { once: true });
  void run();
  return {
    state: () => state,
    press: async (forMs) => {
      pressedUntilMs = performance.now() + forMs;
      nap.abort();
      const limit = new AbortController();
      await Promise.race([over.promise, rest(forMs, limit.signal)]);
      limit.abort();
    },
    stop: () => stop.abort(),
  };
}

function growingPauseMs(failures: number, { retryMs, longestRetryMs }: TellingLimits): number {
  return Math.min(longestRetryMs, retryMs * 2 ** Math.min(failures, 16));
}

async function rest(forMs: number, signal: AbortSignal): Promise<void> {
  await sleep(forMs, undefined, { signal }).catch(() => {});
}
