import type { MachineNode } from '../nodes/types.ts';
import type { LastHeard } from './heard-rows.ts';

/** Why an install counts as failed of which nothing more is heard: for how long, and since what. */
export function describeSilence(
  { bootState, stateAtMs }: Pick<MachineNode, 'bootState' | 'stateAtMs'>,
  last: Pick<LastHeard, 'atMs' | 'what'> | undefined,
  limitMs: number,
): string {
  const entered = bootState === 'booting' ? 'asked what to boot' : 'was sent how to install';
  const isLater = last !== undefined && last.atMs >= stateAtMs;
  const { atMs, what } = isLater ? last : { atMs: stateAtMs, what: entered };
  const silence = `nothing was heard of its install for ${Math.round(limitMs / 1000)} s`;
  return `${silence}: the last was that it ${what}, ${shownTime(atMs)}`;
}

/** `2026-03-01 14:03:12 UTC`, as stories show times. */
function shownTime(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
