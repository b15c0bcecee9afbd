import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessUsage } from '../../test/support/process-usage.ts';
import { BenchError } from '../support/bench-error.ts';
import { readMachineTime } from '../support/machine-load.ts';
import { type RunFigures, slowestToMedian, summarizeWaits } from './figures.ts';
import type { Happening } from './happening.ts';
import { compareSamples, type Sample } from './sample.ts';
import type { MeasuredProcess, Stage, StartedSystem, WaitingNode } from './system.ts';

/**
 * Releases the nodes of a started system, all at once or as the situation says, and takes its
 * figures when the last one has the whole tree. Throws BenchError `too-slow` past the timeout, and
 * whatever a node, or what else happens, fails with.
 */
export async function measure(
  stage: Stage,
  started: StartedSystem,
  options: {
    readonly limitSeconds: number;
    readonly timeoutSeconds: number;
    readonly happening: Happening | undefined;
  },
): Promise<RunFigures> {
  const { happening, limitSeconds } = options;
  const before = await takeSample(stage, started);
  const startMs = performance.now();
  const end = new AbortController();
  const filled = started.nodes.map((node, index) =>
    fill(node, stage.situation.startsSeconds?.[index] ?? 0, end.signal),
  );
  const nodeSeconds = await Promise.race([
    Promise.all(filled),
    tooLate(options.timeoutSeconds, filled.length, end.signal),
    failureOf(happening?.run(end.signal)),
  ]).finally(() => end.abort());
  const makespanSeconds = (performance.now() - startMs) / 1000;
  const after = await takeSample(stage, started);
  return {
    makespanSeconds,
    ratio: makespanSeconds / limitSeconds,
    slowestToMedian: slowestToMedian(nodeSeconds),
    nodeSeconds,
    ...compareSamples(before, after, stage.tree.totalSizeBytes),
    ...summarizeWaits(started.nodes.flatMap((node) => node.firstByteSeconds())),
    ...happening?.figures(),
  };
}

/** Seconds from the node's own start to its end. */
async function fill(node: WaitingNode, startSeconds: number, signal: AbortSignal): Promise<number> {
  if (startSeconds > 0) await delay(startSeconds * 1000, undefined, { signal });
  const startMs = performance.now();
  await Promise.all([node.release(), node.done]);
  return (performance.now() - startMs) / 1000;
}

async function tooLate(seconds: number, nodes: number, signal: AbortSignal): Promise<never> {
  await delay(seconds * 1000, undefined, { signal });
  throw new BenchError(
    'too-slow',
    `expected all ${nodes} nodes to have the tree within ${seconds.toFixed(0)} s`,
  );
}

/** Settles only by failing. */
async function failureOf(happening: Promise<void> | undefined): Promise<never> {
  await happening;
  return new Promise<never>(() => {});
}

async function takeSample(stage: Stage, started: StartedSystem): Promise<Sample> {
  const machine = readMachineTime();
  return {
    machine,
    atSeconds: performance.now() / 1000,
    frontend: usagesOf(started.frontendProcesses),
    agents: usagesOf(started.agentProcesses),
    clients: usagesOf(started.clientProcesses),
    frontendSentBytes: await stage.frontend.sentBytes(),
    ownSentBytes: await started.countSentBytes?.(),
    intoRacksBytes: await Promise.all(stage.rack.uplinks.map((uplink) => uplink.inwardBytes())),
  };
}

function usagesOf(programs: readonly MeasuredProcess[]): ProcessUsage[] {
  return programs.map((program) => program.usage());
}
