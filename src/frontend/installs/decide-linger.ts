import type { MachineNode } from '../nodes/types.ts';
import type { InstallProgress } from './merge-progress.ts';

/** A machine of which it is asked whether it is needed, or whether it needs others. */
export type Fellow = Pick<MachineNode, 'name' | 'rack' | 'bootState' | 'stateAtMs'> & {
  /** Of its latest install; undefined: its agent has told nothing. */
  readonly progress:
    | Pick<InstallProgress, 'heardAtMs' | 'phases' | 'packages' | 'trees'>
    | undefined;
};

/** An answer is good for so long; the machine asks again sooner. */
export const leaseSeconds = 10;
/** Who is silent for longer does not keep others waiting. */
const silentMs = 300_000;

/**
 * True for a machine that is being installed, and has not got all of it yet; also for one that was
 * armed just now, so that those of one wave are still there for the next.
 */
export function isNeedy({ bootState, stateAtMs, progress }: Fellow, nowMs: number): boolean {
  if (bootState === 'install') return nowMs - stateAtMs <= silentMs;
  if (bootState !== 'booting' && bootState !== 'installing') return false;
  if (nowMs - Math.max(stateAtMs, progress?.heardAtMs ?? 0) > silentMs) return false;
  return progress === undefined || !isWhole(progress);
}

/**
 * How long a machine that is done is to go on serving: 0 when nobody of its rack needs it any more.
 * A machine without a rack serves all.
 */
export function decideLinger(
  self: Fellow,
  fellows: readonly Fellow[],
  nowMs: number,
): 0 | typeof leaseSeconds {
  const isNeededBy = (fellow: Fellow): boolean =>
    fellow.name !== self.name &&
    (self.rack === undefined || fellow.rack === self.rack) &&
    mayShare(self, fellow) &&
    isNeedy(fellow, nowMs);
  return fellows.some(isNeededBy) ? leaseSeconds : 0;
}

function isWhole({ phases, packages }: NonNullable<Fellow['progress']>): boolean {
  if (phases.some(({ name }) => name === 'post' || name === 'done')) return true;
  return packages?.total !== undefined && packages.total > 0 && packages.done >= packages.total;
}

/** Of which trees a machine reads nothing is known before it has begun. */
function mayShare({ progress: own }: Fellow, { progress: other }: Fellow): boolean {
  const [some, others] = [own?.trees ?? [], other?.trees ?? []];
  if (some.length === 0 || others.length === 0) return true;
  return some.some((tree) => others.includes(tree));
}
