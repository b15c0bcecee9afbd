import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../src/runtime/errors.ts';
import { createRack } from '../../test/support/rack.ts';
import { limitOf as limitOfSituation, planSituation } from '../rack/situation.ts';
import { waitUntilQuiet } from '../support/quiet-machine.ts';
import { tellProgress } from '../support/save-results.ts';
import type { Client, ClientTree } from './client.ts';
import type { Case, Figures, Run } from './figures.ts';
import { measure } from './measure.ts';
import type { Options } from './options.ts';
import { type SystemName, systems } from './system.ts';

// Above this share of all cores, the figures are the machine's and not the network's.
const busyLoad = 0.85;
// A run as long as this says what it has to say at once.
const longRunSeconds = 300;

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
      runs.push(...(await runUnlessBusy(plan, waitQuietSeconds)));
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

/** A run, and a second one if the machine was busy during the first. */
async function runUnlessBusy(plan: CasePlan, waitQuietSeconds: number): Promise<Run[]> {
  const first = await tryRun(plan, waitQuietSeconds);
  // Without a network the processors are what is measured.
  if (first.kind === 'failed' || !first.isBusy || plan.system === 'local') return [first];
  if (endsCase(first)) return [first];
  const second = await tryRun(plan, waitQuietSeconds);
  return [{ ...first, isReplaced: second.kind === 'done' }, second];
}

async function tryRun(plan: CasePlan, waitQuietSeconds: number): Promise<Run> {
  const name = `${plan.client.name}, ${plan.system}, ${plan.nodes} nodes`;
  try {
    await waitUntilQuiet(waitQuietSeconds, tellProgress);
    tellProgress(`${name}: limit ${limitOf(plan).toFixed(1)} s, running`);
    const figures = await runOnce(plan);
    const isBusy = (figures.load ?? 0) > busyLoad;
    const told = `${figures.totalSeconds?.toFixed(1)} s, ${figures.copies?.toFixed(2)} copies`;
    tellProgress(`${name}: ${told}, load ${figures.load?.toFixed(2)}${isBusy ? ' busy' : ''}`);
    return { kind: 'done', isBusy, isReplaced: false, figures };
  } catch (error) {
    tellProgress(`${name}: failed: ${messageOf(error)}`);
    return { kind: 'failed', reason: messageOf(error) };
  }
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
