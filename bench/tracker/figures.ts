import { median } from '../support/statistics.ts';

export const protocols = ['udp', 'http'] as const;
export type Protocol = (typeof protocols)[number];

/** Who announces what: `addresses` machines, each in `swarmsEach` of all swarms. */
export type Scenario = {
  readonly name: string;
  readonly addresses: number;
  readonly swarms: number;
  readonly swarmsEach: number;
};

export type Figures = {
  /** At most, with 64 announces under way. */
  readonly answersPerSecond: number;
  /** The same ÷ processor time that it took: what a busy machine does not change much. */
  readonly answersPerCpuSecond: number;
  /** From announce to answer while every peer announces every 30 s. */
  readonly pacedPerSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly lostShare: number;
  /** Resident memory that came with the peers ÷ their number. */
  readonly bytesPerPeer: number;
  /** The most that the event loop was late, and the 99.9th percentile; ours only. */
  readonly loopMostMs?: number;
  readonly loopP999Ms?: number;
  /** The most processor time that one stretch of its own work took. */
  readonly heldMostMs?: number;
  /** From asking for /stats, /stats.json or /metrics to the answer's end, the longest. */
  readonly statsMostMs?: number;
  readonly load: number;
};

export type Run = {
  readonly system: string;
  readonly protocol: Protocol;
  readonly scenario: string;
  readonly figures: Figures;
};

/** A run for each system, protocol and scenario, with the medians of its figures. */
export function mediansOf(runs: readonly Run[]): Run[] {
  const groups = Map.groupBy(runs, (run) => [run.scenario, run.protocol, run.system].join('\n'));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ ...first, figures: medianFigures(group) }];
  });
}

function medianFigures(runs: readonly Run[]): Figures {
  const names = new Set(runs.flatMap((run) => Object.keys(run.figures) as (keyof Figures)[]));
  const entries = [...names].map((name) => {
    return [name, median(runs.flatMap((run) => run.figures[name] ?? []))] as const;
  });
  return Object.fromEntries(entries) as Figures;
}
