import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createRack } from '../../test/support/rack.ts';
import { limitOf as limitOfSituation, planSituation } from '../rack/situation.ts';
import { type Attempt, longRunSeconds, runUnlessBusy } from '../support/attempt.ts';
import { tellProgress } from '../support/save-results.ts';
import type { Client, ClientTree } from './client.ts';
import type { Case, Figures, Run } from './figures.ts';
import { measure } from './measure.ts';
import type { Options } from './options.ts';
import { type SystemName, systems } from './system.ts';

/** What one case is made of. */
export type CasePlan = {
  readonly client: Client;
  readonly system: SystemName;
  readonly nodes: number;
  readonly rateBitsPerSecond: number;
  readonly tree: ClientTree;
  readonly folder: string;
};

/** All systems take turns in each round, with each number of nodes. */
export function planCases(
  options: Options,
  of: { readonly client: Client; readonly tree: ClientTree; readonly folder: string },
): CasePlan[] {
  const { rateBitsPerSecond } = options;
  return options.nodes.flatMap((nodes) =>
    options.systems.map((system) => ({ ...of, system, nodes, rateBitsPerSecond })),
  );
}

/** A failure ends the case, not the benchmark. */
export async function measureCases(
  plans: readonly CasePlan[],
  { runs: rounds, waitQuietSeconds }: Pick<Options, 'runs' | 'waitQuietSeconds'>,
): Promise<Case[]> {
  const cases = plans.map((plan) => ({ plan, runs: [] as Run[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { plan, runs } of cases) {
      if (runs.some(endsCase)) continue;
      const setting = { waitQuietSeconds, progress: tellProgress };
      runs.push(...(await runUnlessBusy(attemptOf(plan), setting)));
    }
  }
  return cases.map(({ plan, runs }) => ({
    client: plan.client.name,
    system: plan.system,
    nodes: plan.nodes,
    rateBitsPerSecond: plan.rateBitsPerSecond,
    limitSeconds: limitOf(plan),
    runs,
  }));
}

function endsCase(run: Run): boolean {
  return run.kind === 'failed' || (run.figures.totalSeconds ?? 0) > longRunSeconds;
}

function attemptOf(plan: CasePlan): Attempt<Figures> {
  return {
    name: `${plan.client.name}, ${plan.system}, ${plan.nodes} nodes`,
    limitSeconds: limitOf(plan),
    run: () => runOnce(plan),
    loadOf: ({ load = 0 }) => load,
    secondsOf: ({ totalSeconds = 0 }) => totalSeconds,
    describe: ({ copies = 0 }) => `${copies.toFixed(2)} copies`,
    // Without a network the processors are what is measured.
    mayRepeat: plan.system !== 'local',
  };
}

/** On a rack of its own, of which nothing remains. */
async function runOnce(plan: CasePlan): Promise<Figures> {
  const folder = join(plan.folder, 'run');
  await mkdir(folder, { recursive: true });
  const situation = planSituation(plan);
  const rack = await createRack({ hosts: [situation.frontend, ...situation.nodes] });
  try {
    const [frontend, ...nodes] = rack.hosts;
    if (frontend === undefined) throw new Error('expected a frontend among the hosts, got none');
    const stage = { frontend, nodes, tree: plan.tree, folder };
    const started = await systems[plan.system](stage);
    const isShared = plan.system === 'nginx';
    const expectedSeconds = limitOf(plan) * (isShared ? plan.nodes : 1);
    const timeoutMs = (expectedSeconds * 3 + 300) * 1000;
    return await measure(plan.client, stage, { started, timeoutMs });
  } finally {
    await rack.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

function limitOf(plan: CasePlan): number {
  return limitOfSituation(planSituation(plan), plan.tree.packagesBytes);
}
