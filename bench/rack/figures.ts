import type { Run as AttemptedRun } from '../support/attempt.ts';
import { median, quantile } from '../support/statistics.ts';

/** What one run of one system came to. */
export type RunFigures = {
  /** From the start of all nodes to the moment when the last one has the whole tree. */
  readonly makespanSeconds: number;
  /** Makespan ÷ the physical limit. */
  readonly ratio: number;
  /** The longest that a node took, from its own start, ÷ the median of all nodes. */
  readonly slowestToMedian: number;
  /** Of each node, from its own start; not in the medians. */
  readonly nodeSeconds?: readonly number[];
  /** Frames that left the frontend's port ÷ frames of one tree. */
  readonly copies: number;
  /** Tree bytes that the frontend says it has sent ÷ tree. */
  readonly ownCopies: number | undefined;
  /** Frames that crossed the busiest rack's uplink inwards ÷ frames of one tree. */
  readonly intoBusiestRack: number | undefined;
  /** The mean of all racks. */
  readonly intoRacksMean: number | undefined;
  readonly agentCpuSecondsPerGiB: number | undefined;
  /** From an agent's start to the start of the run, the mean of all. */
  readonly agentStartCpuSeconds: number | undefined;
  readonly frontendCpuSecondsPerGiB: number;
  /** Of one pretend installer, the mean of all. */
  readonly clientCpuSeconds: number | undefined;
  /** The most that any agent had resident. */
  readonly agentPeakBytes: number | undefined;
  readonly frontendPeakBytes: number;
  /** The share of all cores that the whole machine used during the run. */
  readonly load: number;
  /** The part of it that the system's and the installers' processes account for. */
  readonly ownLoad: number;
  readonly firstByteMedianSeconds: number | undefined;
  readonly firstByteP99Seconds: number | undefined;
  /** Of each bad peer: from its offence to its name in /stats.json; null: it never was there. */
  readonly namedSeconds?: Readonly<Record<string, number | null>>;
};

export type Run = AttemptedRun<RunFigures>;

/** A system in a scenario, with a number of nodes. */
export type Case = {
  readonly scenario: string;
  readonly system: string;
  readonly nodes: number;
  readonly rateBitsPerSecond: number;
  readonly treeSizeBytes: number;
  readonly limitSeconds: number;
  readonly runs: readonly Run[];
};

/** Each figure's median of the runs that count, or undefined when none does. */
export function mediansOf(runs: readonly Run[]): RunFigures | undefined {
  const counted = runs.flatMap((run) =>
    run.kind === 'done' && !run.replaced ? [run.figures] : [],
  );
  if (counted.length === 0) return undefined;
  const must = (pick: (figures: RunFigures) => number): number => median(counted.map(pick)) ?? NaN;
  const may = (pick: (figures: RunFigures) => number | undefined): number | undefined =>
    median(counted.map(pick).filter((value) => value !== undefined));
  return {
    makespanSeconds: must((each) => each.makespanSeconds),
    ratio: must((each) => each.ratio),
    slowestToMedian: must((each) => each.slowestToMedian),
    copies: must((each) => each.copies),
    ownCopies: may((each) => each.ownCopies),
    intoBusiestRack: may((each) => each.intoBusiestRack),
    intoRacksMean: may((each) => each.intoRacksMean),
    agentCpuSecondsPerGiB: may((each) => each.agentCpuSecondsPerGiB),
    agentStartCpuSeconds: may((each) => each.agentStartCpuSeconds),
    frontendCpuSecondsPerGiB: must((each) => each.frontendCpuSecondsPerGiB),
    clientCpuSeconds: may((each) => each.clientCpuSeconds),
    agentPeakBytes: may((each) => each.agentPeakBytes),
    frontendPeakBytes: must((each) => each.frontendPeakBytes),
    load: must((each) => each.load),
    ownLoad: must((each) => each.ownLoad),
    firstByteMedianSeconds: may((each) => each.firstByteMedianSeconds),
    firstByteP99Seconds: may((each) => each.firstByteP99Seconds),
    ...medianNamed(counted),
  };
}

/** Who was never named counts as named after all others. */
function medianNamed(counted: readonly RunFigures[]): Pick<RunFigures, 'namedSeconds'> {
  const names = Object.keys(counted[0]?.namedSeconds ?? {});
  if (names.length === 0) return {};
  const medianOf = (name: string): number | null => {
    const seconds = counted.map((each) => each.namedSeconds?.[name] ?? Number.MAX_VALUE);
    const middle = median(seconds) ?? Number.MAX_VALUE;
    return middle < longestNamedSeconds ? middle : null;
  };
  return { namedSeconds: Object.fromEntries(names.map((name) => [name, medianOf(name)])) };
}

// No run is as long.
const longestNamedSeconds = 1e6;

/** The longest of the nodes' times ÷ their median. */
export function slowestToMedian(nodeSeconds: readonly number[]): number {
  return Math.max(...nodeSeconds) / (median(nodeSeconds) ?? Number.NaN);
}

/** The median and the 99th percentile of all waits of all nodes. */
export function summarizeWaits(seconds: readonly number[]): {
  readonly firstByteMedianSeconds: number | undefined;
  readonly firstByteP99Seconds: number | undefined;
} {
  return {
    firstByteMedianSeconds: median(seconds),
    firstByteP99Seconds: quantile(seconds, 0.99),
  };
}
