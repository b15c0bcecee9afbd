import { availableParallelism } from 'node:os';
import { sum } from '../../src/simulator/sum.ts';
import { wireOverhead } from '../../test/support/limit-seconds.ts';
import type { ProcessUsage } from '../../test/support/process-usage.ts';
import { loadBetween, type MachineTime } from '../support/machine-load.ts';
import type { RunFigures } from './figures.ts';

/** All counters of a run at one moment. */
export type Sample = {
  readonly machine: MachineTime;
  readonly atSeconds: number;
  readonly frontend: readonly ProcessUsage[];
  readonly agents: readonly ProcessUsage[];
  readonly clients: readonly ProcessUsage[];
  /** Frames. */
  readonly frontendSentBytes: number;
  /** Of the tree, as the frontend itself counts. */
  readonly ownSentBytes: number | undefined;
  /** Frames that crossed each rack's uplink inwards, where there are racks. */
  readonly intoRacksBytes?: readonly number[];
};

const gib = 2 ** 30;

/** Those that times and happenings say nothing of. */
type CountedFigures = Omit<
  RunFigures,
  | 'makespanSeconds'
  | 'ratio'
  | 'slowestToMedian'
  | 'nodeSeconds'
  | 'firstByteMedianSeconds'
  | 'firstByteP99Seconds'
  | 'namedSeconds'
>;

/** What lies between the start and the end of a run in which each agent received one tree. */
export function compareSamples(before: Sample, after: Sample, treeBytes: number): CountedFigures {
  const sentBytes = (after.frontendSentBytes - before.frontendSentBytes) / wireOverhead;
  const frontendCpu = totalCpu(after.frontend) - totalCpu(before.frontend);
  const agentCpu = totalCpu(after.agents) - totalCpu(before.agents);
  const clientCpu = totalCpu(after.clients) - totalCpu(before.clients);
  const intoRacks = (after.intoRacksBytes ?? []).map(
    (bytes, rack) => (bytes - (before.intoRacksBytes?.[rack] ?? 0)) / wireOverhead / treeBytes,
  );
  const coreSeconds = (after.atSeconds - before.atSeconds) * availableParallelism();
  return {
    copies: sentBytes / treeBytes,
    ownCopies: ownCopies(before, after, treeBytes),
    intoBusiestRack: intoRacks.length === 0 ? undefined : Math.max(...intoRacks),
    intoRacksMean: mean(sum(intoRacks), intoRacks.length),
    agentCpuSecondsPerGiB: mean(agentCpu / (treeBytes / gib), after.agents.length),
    agentStartCpuSeconds: mean(totalCpu(before.agents), before.agents.length),
    frontendCpuSecondsPerGiB: frontendCpu / (sentBytes / gib),
    clientCpuSeconds: mean(clientCpu, after.clients.length),
    agentPeakBytes:
      after.agents.length === 0
        ? undefined
        : Math.max(...after.agents.map((usage) => usage.peakMemoryBytes)),
    frontendPeakBytes: sum(after.frontend.map((usage) => usage.peakMemoryBytes)),
    load: loadBetween(before.machine, after.machine),
    ownLoad: (frontendCpu + agentCpu + clientCpu) / coreSeconds,
  };
}

function ownCopies(before: Sample, after: Sample, treeBytes: number): number | undefined {
  if (before.ownSentBytes === undefined || after.ownSentBytes === undefined) return undefined;
  return (after.ownSentBytes - before.ownSentBytes) / treeBytes;
}

function totalCpu(usages: readonly ProcessUsage[]): number {
  return sum(usages.map((usage) => usage.cpuSeconds));
}

function mean(total: number, count: number): number | undefined {
  return count === 0 ? undefined : total / count;
}
