import { join } from 'node:path';
import { messageOf } from '../../src/runtime/errors.ts';
import { waitUntilQuiet } from '../support/quiet-machine.ts';
import type { BenchTree } from '../support/tree.ts';
import type { Case, Run } from './figures.ts';
import type { Options } from './options.ts';
import type { Job } from './plan-jobs.ts';
import { type RunPlan, runOnce } from './run.ts';
import { limitOf } from './situation.ts';

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

/** All runs of one job. A failure ends the case, not the benchmark. */
export async function measureCase(setting: CaseSetting, job: Job): Promise<Case> {
  const { scenario, system, size, treeSizeBytes } = job;
  const situation = scenario.plan(size, treeSizeBytes);
  const limitSeconds = limitOf(situation, treeSizeBytes);
  const runs: Run[] = [];
  for (let index = 0; index < setting.options.runs; index += 1) {
    const name = `${scenario.name}-${system.name}-${size.nodes}-${index}`;
    const folder = join(setting.folder, name);
    const plan = { ...setting, scenario, system, situation, limitSeconds, folder };
    runs.push(...(await runUnlessBusy(plan, setting)));
    const last = runs.at(-1);
    if (last?.kind !== 'done' || last.figures.makespanSeconds > longRunSeconds) break;
  }
  const names = { scenario: scenario.name, system: system.name };
  return { ...names, ...size, treeSizeBytes, limitSeconds, runs };
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
  const name = `${plan.scenario.name}: ${plan.system.name} on ${plan.situation.nodes.length}`;
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
