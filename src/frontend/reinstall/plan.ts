import type { Machine, ReinstallLimits } from './types.ts';

/** What is to be done now. */
export type NextStep = {
  /** The next wave; none while another is under way, or when no more are to be started. */
  readonly start: readonly Machine[];
  /** Those that have taken too long, and count as failed from now on. */
  readonly overdue: readonly Machine[];
  /** Nothing more is started. It stays so. */
  readonly isAborted: boolean;
  /** All that was started has ended, and nothing more will be. */
  readonly isOver: boolean;
  /** When to look again, if nothing happens before. */
  readonly wakeAtMs: number | undefined;
};

export type PlanSituation = { readonly nowMs: number; readonly isAborted: boolean };

/** How many times as long as the others of its wave a machine takes that nobody waits for. */
const stragglerFactor = 2;

/**
 * The next step of a mass reinstall. A wave is started when each machine of the one before has
 * ended, or is a straggler: half of its wave are done, and it takes more than twice as long as
 * they did (the one in their middle).
 */
export function planNext(
  machines: readonly Machine[],
  limits: ReinstallLimits,
  { nowMs, isAborted: wasAborted }: PlanSituation,
): NextStep {
  const dueAt = ({ startedAtMs = nowMs }: Machine) => startedAtMs + limits.timeoutMs;
  const running = machines.filter(({ verdict }) => verdict === 'running');
  const overdue = running.filter((machine) => dueAt(machine) <= nowMs);
  const inTime = running.filter((machine) => dueAt(machine) > nowMs);
  const waiting = machines.filter(({ verdict }) => verdict === 'waiting');
  const isAborted = wasAborted || isTooMuch(machines, overdue.length, limits.abortShare);
  const patience = patienceOf(machines);
  const isAwaited = ({ wave, startedAtMs = nowMs }: Machine) =>
    wave === patience.wave && startedAtMs + patience.elapsedMs > nowMs;
  const awaited = inTime.filter(isAwaited);
  const isNext = !isAborted && awaited.length === 0;
  const wakeTimes = [
    ...inTime.map(dueAt),
    ...awaited.map(({ startedAtMs = nowMs }) => startedAtMs + patience.elapsedMs),
  ].filter(Number.isFinite);
  return {
    start: isNext ? waiting.slice(0, limits.waveSize) : [],
    overdue,
    isAborted,
    isOver: inTime.length === 0 && (waiting.length === 0 || isAborted),
    wakeAtMs: wakeTimes.length === 0 ? undefined : wakeTimes.reduce((a, b) => Math.min(a, b)),
  };
}

/** The number of the wave that a step starts. */
export function nextWave(machines: readonly Machine[]): number {
  return latestWave(machines) + 1;
}

function latestWave(machines: readonly Machine[]): number {
  return machines.reduce((latest, { wave = 0 }) => Math.max(latest, wave), 0);
}

function isTooMuch(machines: readonly Machine[], overdueCount: number, share: number): boolean {
  const startedCount = machines.filter(({ startedAtMs }) => startedAtMs !== undefined).length;
  const failed = machines.filter(
    ({ verdict, startedAtMs }) => verdict === 'failed' && startedAtMs !== undefined,
  );
  return failed.length + overdueCount > share * startedCount;
}

/** How long the machines of the latest wave are waited for. */
function patienceOf(machines: readonly Machine[]) {
  const wave = latestWave(machines);
  const members = machines.filter((machine) => machine.wave === wave);
  const elapsed = members
    .flatMap(({ verdict, startedAtMs, endedAtMs }) =>
      verdict === 'done' && startedAtMs !== undefined && endedAtMs !== undefined
        ? [endedAtMs - startedAtMs]
        : [],
    )
    .sort((a, b) => a - b);
  const isHalfDone = elapsed.length > 0 && elapsed.length * 2 >= members.length;
  const middleMs = elapsed[Math.floor(elapsed.length / 2)] ?? 0;
  return { wave, elapsedMs: isHalfDone ? middleMs * stragglerFactor : Number.POSITIVE_INFINITY };
}
