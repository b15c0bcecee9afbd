import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessUsage } from '../../test/support/process-usage.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { BenchError } from '../support/bench-error.ts';
import { readMachineTime } from '../support/machine-load.ts';
import { type RunFigures, summarizeWaits } from './figures.ts';
import { compareSamples, type Sample } from './sample.ts';
import type { Stage, StartedSystem } from './system.ts';

/**
 * Releases all nodes of a started system at once and takes its figures when the last one has the
 * whole tree. Throws BenchError `too-slow` past the timeout, and whatever a node fails with.
 */
export async function measure(
  stage: Stage,
  started: StartedSystem,
  options: { readonly limitSeconds: number; readonly timeoutSeconds: number },
): Promise<RunFigures> {
  const before = await takeSample(stage, started);
  const startMs = performance.now();
  for (const node of started.nodes) node.release();
  await waitForAll(started, options.timeoutSeconds);
  const makespanSeconds = (performance.now() - startMs) / 1000;
  const after = await takeSample(stage, started);
  return {
    makespanSeconds,
    ratio: makespanSeconds / options.limitSeconds,
    ...compareSamples(before, after, stage.tree.totalSizeBytes),
    ...summarizeWaits(started.nodes.flatMap((node) => node.firstByteSeconds())),
  };
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
  };
}

function usagesOf(programs: readonly RackProcess[]): ProcessUsage[] {
  return programs.map((program) => program.usage());
}

async function waitForAll(started: StartedSystem, timeoutSeconds: number): Promise<void> {
  const abort = new AbortController();
  const tooLate = async (): Promise<void> => {
    await delay(timeoutSeconds * 1000, undefined, { signal: abort.signal });
    const waiting = started.nodes.length;
    throw new BenchError(
      'too-slow',
      `expected all ${waiting} nodes to have the tree within ${timeoutSeconds.toFixed(0)} s`,
    );
  };
  const late = tooLate();
  late.catch(() => {});
  try {
    await Promise.race([Promise.all(started.nodes.map((node) => node.done)), late]);
  } finally {
    abort.abort();
  }
}
