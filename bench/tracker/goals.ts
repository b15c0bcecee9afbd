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
      const { answersPerSecond, heldMostMs = 0 } = figures;
      const about = `${scenario}, ${protocol.toUpperCase()}`;
      const held = {
        goal: `${about}: event loop held, ms`,
        value: heldMostMs,
        wanted: `≤ ${longestHeldMs}`,
        isReached: heldMostMs <= longestHeldMs,
      };
      if (protocol !== 'udp') return [held];
      const isReached = answersPerSecond >= leastUdpAnswersPerSecond;
      const wanted = `≥ ${leastUdpAnswersPerSecond}`;
      return [{ goal: `${about}: answers/s`, value: answersPerSecond, wanted, isReached }, held];
    });
}
