import { join } from 'node:path';
import { messageOf } from '../../src/runtime/errors.ts';
import { limitSeconds } from '../../test/support/limit-seconds.ts';
import { waitUntilQuiet } from '../support/quiet-machine.ts';
import type { BenchTree } from '../support/tree.ts';
import type { Case, Run } from './figures.ts';
import type { Options, Size } from './options.ts';
import { type RunPlan, runOnce } from './run.ts';
import type { System } from './system.ts';

export type CaseSetting = {
  readonly options: Options;
  readonly tree: BenchTree;
  readonly order: readonly string[];
  /** Holds the folders of all runs. */
  readonly folder: string;
  readonly progress: (line: string) => void;
};

// Above this share of all cores, the figures are the machine's and not the network's.
const busyLoad = 0.85;
// A run as long as this says what it has to say at once.
const longRunSeconds = 300;

/** All runs of one system with one number of nodes. A failure ends the case, not the benchmark. */
export async function measureCase(setting: CaseSetting, system: System, size: Size): Promise<Case> {
  const limit = limitSeconds({
    sizeBytes: setting.tree.totalSizeBytes,
    frontendBitsPerSecond: size.rateBitsPerSecond,
    nodesBitsPerSecond: Array.from({ length: size.nodes }, () => size.rateBitsPerSecond),
  });
  const runs: Run[] = [];
  for (let index = 0; index < setting.options.runs; index += 1) {
    const folder = join(setting.folder, `${system.name}-${size.nodes}-${index}`);
    const plan = { ...setting, system, size, limitSeconds: limit, folder };
    runs.push(...(await runUnlessBusy(plan, setting)));
    const last = runs.at(-1);
    if (last?.kind !== 'done' || last.figures.makespanSeconds > longRunSeconds) break;
  }
  return { system: system.name, ...size, limitSeconds: limit, runs };
}

/** A run, and a second one if the machine was busy during the first. */
async function runUnlessBusy(plan: RunPlan, setting: CaseSetting): Promise<Run[]> {
  const first = await tryRun(plan, setting);
  if (first.kind === 'failed' || !first.busy) return [first];
  if (first.figures.makespanSeconds > longRunSeconds) return [first];
  const second = await tryRun(plan, setting);
  return [{ ...first, replaced: second.kind === 'done' }, second];
}

async function tryRun(plan: RunPlan, setting: CaseSetting): Promise<Run> {
  const name = `${plan.system.name} on ${plan.size.nodes}`;
  const { progress } = setting;
  try {
    await waitUntilQuiet(setting.options.waitQuietSeconds, progress);
    progress(`${name}: limit ${plan.limitSeconds.toFixed(2)} s, running`);
    const figures = await runOnce(plan);
    const busy = figures.load > busyLoad;
    progress(
      `${name}: ${figures.makespanSeconds.toFixed(2)} s, ${figures.ratio.toFixed(2)} x limit, ` +
        `${figures.copies.toFixed(2)} copies, load ${figures.load.toFixed(2)}${busy ? ' busy' : ''}`,
    );
    return { kind: 'done', busy, replaced: false, figures };
  } catch (error) {
    progress(`${name}: failed: ${messageOf(error)}`);
    return { kind: 'failed', reason: messageOf(error) };
  }
}
