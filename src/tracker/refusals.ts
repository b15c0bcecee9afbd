import { type RefusalReason, refusalReasons, type TrackerStats } from './types.ts';

/** Counts what was not served, by reason. */
export type RefusalCounter = {
  readonly count: (reason: RefusalReason) => void;
  readonly snapshot: () => TrackerStats['refusals'];
};

export function createRefusalCounter(): RefusalCounter {
  const counts = zeros();
  return {
    count: (reason) => {
      counts[reason] += 1;
    },
    snapshot: () => ({ ...counts }),
  };
}

function zeros(): Record<RefusalReason, number> {
  const entries = refusalReasons.map((reason) => [reason, 0] as const);
  return Object.fromEntries(entries) as Record<RefusalReason, number>;
}
