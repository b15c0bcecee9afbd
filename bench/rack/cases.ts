import { join } from 'node:path';
import { type Attempt, longRunSeconds, runUnlessBusy } from '../support/attempt.ts';
import type { BenchTree } from '../support/tree.ts';
import type { Case, Run, RunFigures } from './figures.ts';
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

/** All runs of one job. A failure ends the case, not the benchmark. */
export async function measureCase(setting: CaseSetting, job: Job): Promise<Case> {
  const { scenario, system, size, treeSizeBytes } = job;
  const situation = scenario.plan(size, treeSizeBytes);
  const limitSeconds = limitOf(situation, treeSizeBytes);
  const { progress } = setting;
  const { waitQuietSeconds } = setting.options;
  const runs: Run[] = [];
  for (let index = 0; index < setting.options.runs; index += 1) {
    const name = `${scenario.name}-${system.name}-${size.nodes}-${index}`;
    const folder = join(setting.folder, name);
    const plan = { ...setting, scenario, system, situation, limitSeconds, folder };
    runs.push(...(await runUnlessBusy(attemptOf(plan), { waitQuietSeconds, progress })));
    const last = runs.at(-1);
    if (last?.kind !== 'done' || last.figures.makespanSeconds > longRunSeconds) break;
  }
  const names = { scenario: scenario.name, system: system.name };
  return { ...names, ...size, treeSizeBytes, limitSeconds, runs };
}

function attemptOf(plan: RunPlan): Attempt<RunFigures> {
  return {
    name: `${plan.scenario.name}: ${plan.system.name} on ${plan.situation.nodes.length}`,
    limitSeconds: plan.limitSeconds,
    run: () => runOnce(plan),
    loadOf: ({ load }) => load,
    secondsOf: ({ makespanSeconds }) => makespanSeconds,
    describe: ({ ratio, copies }) => `${ratio.toFixed(2)} x limit, ${copies.toFixed(2)} copies`,
    mayRepeat: true,
  };
}
