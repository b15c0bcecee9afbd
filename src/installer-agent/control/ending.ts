import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { decideEnd, decideStayUntilMs, type Need } from './decide-stay.ts';
import type { FrontendCalls, InstallEnd } from './frontend-calls.ts';

/** What became of an install's end: the body of the answer to `/agent/end`. */
export type EndResult = {
  readonly outcome: InstallEnd['outcome'];
  /** Whether the frontend knows. */
  readonly isTold: boolean;
  /** Why it does not. */
  readonly reason?: string;
  /** How long the machine went on serving its rack, the telling included. */
  readonly elapsedMs: number;
};

export type Ending = {
  /** Resolves when the machine may reboot. The same end once more is the same. */
  readonly end: (end: InstallEnd) => Promise<EndResult>;
};

export type EndingDeps = {
  /** Undefined: this install has no token, so that nobody can be told. */
  readonly calls: Pick<FrontendCalls, 'end'> | undefined;
  /** How long it is needed, as far as was heard. */
  readonly need: () => Need | undefined;
  readonly onBegin: (outcome: InstallEnd['outcome']) => void;
  /** It has succeeded, and nobody is served from the disk any more: it may be unmounted. */
  readonly onStayed: () => Promise<void>;
  readonly log: Log;
  /** The agent is being stopped: nothing is waited for any more. */
  readonly signal: AbortSignal;
};

export type EndingLimits = {
  /** The longest that the machine goes on serving its rack. */
  readonly lingerMs: number;
  /** The longest that it does so on one word of the frontend, or without any. */
  readonly leaseMs: number;
  /** The longest that it tries to tell a frontend that is away. */
  readonly tellMs: number;
  readonly retryMs: number;
};

export const defaultEndingLimits: Omit<EndingLimits, 'lingerMs'> = {
  leaseMs: 10_000,
  tellMs: 30_000,
  retryMs: 1_000,
};

const lookEveryMs = 100;
const longestLeaveMs = 5_000;
const noToken = 'expected a token (scree.token=) to tell the frontend with, got none';

/** The end of an install: the frontend is told, the rack served for a while, then it is over. */
export function createEnding(deps: EndingDeps, limits: EndingLimits): Ending {
  let last: Begun | undefined;
  return {
    end: (end) => {
      if (last !== undefined && decideEnd(last.outcome, end.outcome) === 'join') return last.done;
      deps.onBegin(end.outcome);
      last = { outcome: end.outcome, done: runEnd(end, deps, limits) };
      return last.done;
    },
  };
}

type Begun = { readonly outcome: InstallEnd['outcome']; readonly done: Promise<EndResult> };

async function runEnd(end: InstallEnd, deps: EndingDeps, limits: EndingLimits): Promise<EndResult> {
  const startedAtMs = performance.now();
  // Seeding goes on meanwhile.
  const told = await tell(end, deps, { ...limits, startedAtMs });
  const { lingerMs, leaseMs } = limits;
  const stayUntilMs = () =>
    decideStayUntilMs({ startedAtMs, lingerMs, leaseMs, need: deps.need() });
  while (performance.now() < stayUntilMs() && !deps.signal.aborted) {
    const leftMs = stayUntilMs() - performance.now();
    await rest(Math.max(1, Math.min(lookEveryMs, leftMs)), deps.signal);
  }
  // After a failure the installer may go on, when somebody has helped it.
  if (end.outcome === 'success') await leave(deps);
  const elapsedMs = Math.round(performance.now() - startedAtMs);
  deps.log.info('install ended', { outcome: end.outcome, elapsedMs, ...told });
  return { outcome: end.outcome, ...told, elapsedMs };
}

async function leave({ onStayed, log }: EndingDeps): Promise<void> {
  const left = onStayed().catch((error: unknown) => {
    log.warn('store not left', { reason: messageOf(error) });
  });
  await Promise.race([left, sleep(longestLeaveMs, undefined, { ref: false })]);
}

type Trial = EndingLimits & { readonly startedAtMs: number };

async function tell(
  end: InstallEnd,
  { calls, log, signal }: EndingDeps,
  { startedAtMs, tellMs, retryMs }: Trial,
): Promise<Pick<EndResult, 'isTold' | 'reason'>> {
  if (calls === undefined) return { isTold: false, reason: noToken };
  for (;;) {
    const leftMs = Math.max(1, Math.ceil(startedAtMs + tellMs - performance.now()));
    const deadline = AbortSignal.timeout(leftMs);
    const told = await Promise.race([calls.end(end), tooLate(deadline)]);
    if (told.kind === 'told') return { isTold: true };
    const { reason } = told;
    const isOver = performance.now() + retryMs > startedAtMs + tellMs || signal.aborted;
    if (told.kind === 'refused' || isOver) {
      log.error('end of the install not told', { outcome: end.outcome, reason });
      return { isTold: false, reason };
    }
    log.warn('end of the install not told yet', { outcome: end.outcome, reason });
    await rest(retryMs, signal);
  }
}

function tooLate(
  deadline: AbortSignal,
): Promise<{ readonly kind: 'away'; readonly reason: string }> {
  const away = { kind: 'away', reason: 'the frontend gave no answer in time' } as const;
  return new Promise((resolve) => {
    deadline.addEventListener('abort', () => resolve(away), { once: true });
  });
}

async function rest(forMs: number, signal: AbortSignal): Promise<void> {
  await sleep(forMs, undefined, { signal }).catch(() => {});
}
