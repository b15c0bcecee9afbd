import type { ProgressAnswer, ProgressReport } from '../../protocol/install-progress.ts';
import type { Log } from '../../runtime/log.ts';
import type { Need } from './decide-stay.ts';
import type { FrontendCalls } from './frontend-calls.ts';

/** Tells the frontend how far the install is; what it could not tell is in the next report. */
export type Reporter = {
  /** Something was told that is worth saying at once. */
  readonly wake: () => void;
  /** From now on it tells on, also when nothing is new, to hear whether it is needed. */
  readonly ask: () => void;
  /** Undefined: the frontend never answered. */
  readonly need: () => Need | undefined;
  readonly close: () => Promise<void>;
};

export type ReporterDeps = {
  readonly calls: Pick<FrontendCalls, 'progress'>;
  readonly compose: () => Omit<ProgressReport, 'sequence'>;
  readonly onAnswer: (answer: ProgressAnswer) => void;
  readonly log: Log;
};

export type ReporterLimits = {
  readonly everyMs: number;
  /** Between attempts at a frontend that is away; the pause doubles up to this. */
  readonly longestPauseMs: number;
};

export const defaultReporterLimits: ReporterLimits = { everyMs: 2_000, longestPauseMs: 30_000 };

/** At once, but a hook that never ends to tell details costs no more than this. */
const urgentMs = 50;

export function createReporter(deps: ReporterDeps, limits: ReporterLimits): Reporter {
  const state = { sequence: 0, failures: 0, isAsking: false, isOver: false, isUrgent: true };
  let lastTold = '';
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let need: Need | undefined;
  let running: Promise<void> = Promise.resolve();
  let isRunning = false;
  let timer: NodeJS.Timeout | undefined;

  async function tell(): Promise<void> {
    const report = deps.compose();
    const { atMs: _now, ...content } = report;
    const news = JSON.stringify(content);
    lastAtMs = performance.now();
    state.isUrgent = false;
    if (news === lastTold && !state.isAsking) return;
    state.sequence += 1;
    const told = await deps.calls.progress({ ...report, sequence: state.sequence });
    switch (told.kind) {
      case 'told':
        lastTold = news;
        return hear(told.answer);
      case 'refused':
        state.isOver = true;
        need = { atMs: performance.now(), lingerSeconds: 0 };
        return deps.log.warn('progress not wanted', { reason: told.reason });
      case 'away':
        state.failures += 1;
        if (state.failures === 1) deps.log.warn('progress not told', { reason: told.reason });
    }
  }

  function hear(answer: ProgressAnswer): void {
    if (state.failures > 0) deps.log.info('progress told again');
    state.failures = 0;
    const { lingerSeconds } = answer;
    if (lingerSeconds !== undefined) need = { atMs: performance.now(), lingerSeconds };
    deps.onAnswer(answer);
  }

  function schedule(): void {
    clearTimeout(timer);
    if (state.isOver || isRunning) return;
    const dueAtMs = lastAtMs + pauseMs(state, limits);
    timer = setTimeout(run, Math.max(0, dueAtMs - performance.now()));
  }

  function run(): void {
    isRunning = true;
    running = tell().finally(() => {
      isRunning = false;
      schedule();
    });
  }

  schedule();
  return {
    wake: () => {
      state.isUrgent = true;
      schedule();
    },
    ask: () => {
      state.isAsking = true;
      state.isUrgent = true;
      schedule();
    },
    need: () => need,
    close: async () => {
      state.isOver = true;
      clearTimeout(timer);
      await running;
    },
  };
}

type Pace = { readonly failures: number; readonly isUrgent: boolean };

/** Something new is tried sooner, but no frontend is asked more often than when all is well. */
function pauseMs(
  { failures, isUrgent }: Pace,
  { everyMs, longestPauseMs }: ReporterLimits,
): number {
  if (failures === 0 && isUrgent) return urgentMs;
  if (failures === 0 || isUrgent) return everyMs;
  const grown = Math.min(longestPauseMs, everyMs * 2 ** Math.min(failures, 16));
  // A rack whose frontend was away does not come back all at once.
  return grown * (0.5 + Math.random() / 2);
}
