import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../runtime/errors.ts';
import { decideEnd, decideStayUntilMs, type Need } from './decide-stay.ts';
import type { InstallEnd } from './frontend-calls.ts';
import {
  startTelling,
  type Telling,
  type TellingDeps,
  type TellingLimits,
  type TellState,
} from './telling.ts';

/** What became of an install's end: the body of the answer to `/agent/end`. */
export type EndResult = TellState & {
  readonly outcome: InstallEnd['outcome'];
  /** How long the machine went on serving its rack, the telling included. */
  readonly elapsedMs: number;
};

export type Ending = {
  /**
   * Resolves when the machine may reboot. The same end once more is the same; while the frontend
   * does not know of it, that is tried on, and each further call waits for it anew.
   */
  readonly end: (end: InstallEnd) => Promise<EndResult>;
};

export type EndingDeps = TellingDeps & {
  /** How long it is needed, as far as was heard. */
  readonly need: () => Need | undefined;
  readonly onBegin: (outcome: InstallEnd['outcome']) => void;
  /** It has succeeded, and nobody is served from the disk any more: it may be unmounted. */
  readonly onStayed: () => Promise<void>;
};

export type EndingLimits = TellingLimits & {
  /** The longest that the machine goes on serving its rack. */
  readonly lingerMs: number;
  /** The longest that it does so on one word of the frontend, or without any. */
  readonly leaseMs: number;
  /** The longest that a call waits for a frontend that is away to be told. */
  readonly tellMs: number;
};

export const defaultEndingLimits: Omit<EndingLimits, 'lingerMs'> = {
  leaseMs: 10_000,
  tellMs: 30_000,
  retryMs: 1_000,
  longestRetryMs: 30_000,
};

const lookEveryMs = 100;
const longestLeaveMs = 5_000;

/** The end of an install: the frontend is told, the rack served for a while, then it is over. */
export function createEnding(deps: EndingDeps, limits: EndingLimits): Ending {
  let last: Begun | undefined;
  return {
    end: (end) => {
      if (last === undefined || decideEnd(last.outcome, end.outcome) === 'begin') {
        last?.telling.stop();
        deps.onBegin(end.outcome);
        last = begin(end, deps, limits);
      }
      return last.result();
    },
  };
}

type Begun = {
  readonly outcome: InstallEnd['outcome'];
  readonly telling: Telling;
  readonly result: () => Promise<EndResult>;
};

function begin(end: InstallEnd, deps: EndingDeps, limits: EndingLimits): Begun {
  const { outcome } = end;
  const telling = startTelling(end, deps, limits);
  let running: Promise<EndResult> | undefined;
  let elapsedMs = 0;
  const run = (serve: () => Promise<number>): Promise<EndResult> => {
    running = tell(serve).finally(() => {
      running = undefined;
    });
    return running;
  };
  const tell = async (serve: () => Promise<number>): Promise<EndResult> => {
    await telling.press(limits.tellMs);
    elapsedMs = await serve();
    return { outcome, ...telling.state(), elapsedMs };
  };
  const startedAtMs = performance.now();
  void run(() => serveOn({ outcome, telling, startedAtMs }, deps, limits));
  return { outcome, telling, result: () => running ?? run(async () => elapsedMs) };
}

type Served = Pick<Begun, 'outcome' | 'telling'> & { readonly startedAtMs: number };

/** Resolves with how long that was. */
async function serveOn(
  { outcome, telling, startedAtMs }: Served,
  deps: EndingDeps,
  { lingerMs, leaseMs }: EndingLimits,
): Promise<number> {
  const stayUntilMs = () =>
    decideStayUntilMs({ startedAtMs, lingerMs, leaseMs, need: deps.need() });
  while (performance.now() < stayUntilMs() && !deps.signal.aborted) {
    const leftMs = stayUntilMs() - performance.now();
    await rest(Math.max(1, Math.min(lookEveryMs, leftMs)), deps.signal);
  }
  // After a failure the installer may go on, when somebody has helped it.
  if (outcome === 'success') await leave(deps);
  const elapsedMs = Math.round(performance.now() - startedAtMs);
  const told = telling.state();
  if (told.isTold) deps.log.info('install ended', { outcome, elapsedMs });
  else deps.log.error('install ended, and the frontend not told', { outcome, elapsedMs, ...told });
  return elapsedMs;
}

async function leave({ onStayed, log }: EndingDeps): Promise<void> {
  const left = onStayed().catch((error: unknown) => {
    log.warn('store not left', { reason: messageOf(error) });
  });
  await Promise.race([left, sleep(longestLeaveMs, undefined, { ref: false })]);
}

async function rest(forMs: number, signal: AbortSignal): Promise<void> {
  await sleep(forMs, undefined, { signal }).catch(() => {});
}
