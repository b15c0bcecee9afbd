import type { Run } from './figures.ts';

export type Verdict = {
  readonly goal: string;
  readonly value: number;
  readonly wanted: string;
  readonly isReached: boolean;
};

const leastUdpAnswersPerSecond = 5_000;
const longestHeldMs = 20;

/** Holds the medians of our tracker against the goals. */
export function judgeGoals(medians: readonly Run[]): readonly Verdict[] {
  return medians
    .filter(({ system }) => system === 'scree')
    .flatMap(({ scenario, protocol, figures }) => {
      const { answersPerCpuSecond, heldMostMs = 0 } = figures;
      const about = `${scenario}, ${protocol.toUpperCase()}`;
      const held = {
        goal: `${about}: event loop held, ms`,
        value: heldMostMs,
        wanted: `≤ ${longestHeldMs}`,
        isReached: heldMostMs <= longestHeldMs,
      };
      if (protocol !== 'udp') return [held];
      const isReached = answersPerCpuSecond >= leastUdpAnswersPerSecond;
      const wanted = `≥ ${leastUdpAnswersPerSecond}`;
      const goal = `${about}: answers a second of processor time`;
      return [{ goal, value: answersPerCpuSecond, wanted, isReached }, held];
    });
}
