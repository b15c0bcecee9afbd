import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createRack, type Rack, type RackHost } from '../../test/support/rack.ts';
import { addTree, startFrontend, writeConfig } from '../../test/support/scree-processes.ts';
import type { Situation } from '../rack/scenario.ts';
import { planSituation } from '../rack/situation.ts';
import { busyLoad } from '../support/attempt.ts';
import { waitUntilQuiet } from '../support/quiet-machine.ts';
import { tellProgress } from '../support/save-results.ts';
import type { BenchTree } from '../support/tree.ts';
import type { PhaseRun } from './figures.ts';
import { waitUntilLearnt } from './learning.ts';
import type { Options, Phase } from './options.ts';
import { measurePhase } from './phase.ts';
import type { RolesPlan } from './roles.ts';
import { treeName } from './tree-name.ts';

export type RunPlan = {
  readonly options: Options;
  readonly tree: BenchTree;
  readonly plan: RolesPlan;
  /** For this run alone; made by it and removed after it. */
  readonly folder: string;
};

/** What stays from one phase to the next. */
type Ground = {
  readonly rack: Rack;
  readonly situation: Situation;
  readonly frontend: RackHost;
  readonly nodes: readonly RackHost[];
  readonly config: string;
};

/** All phases, one after the other, with one state folder. Nothing of it remains. */
export async function runPhases(run: RunPlan): Promise<PhaseRun[]> {
  await mkdir(run.folder, { recursive: true });
  const situation = planSituation(run.options);
  const rack = await createRack({ hosts: [situation.frontend, ...situation.nodes] });
  try {
    const [frontend, ...nodes] = rack.hosts;
    if (frontend === undefined) throw new Error('expected a frontend among the hosts, got none');
    const config = await writeConfig(frontend, join(run.folder, 'frontend'));
    const runs: PhaseRun[] = [];
    for (const phase of run.options.phases) {
      runs.push(await runPhase(run, { rack, situation, frontend, nodes, config }, phase));
    }
    return runs;
  } finally {
    await rack.remove();
    await rm(run.folder, { recursive: true, force: true });
  }
}

/** Another install: its agents have nothing, and its frontend knows only what is stored. */
async function runPhase(run: RunPlan, ground: Ground, phase: Phase): Promise<PhaseRun> {
  const { options, tree, plan } = run;
  const { frontend, config } = ground;
  if (phase !== 'learnt') {
    const inInstallOrder = phase === 'laid-out';
    await addTree(frontend, config, { name: treeName, folder: tree.folder, inInstallOrder });
  }
  const folder = join(run.folder, phase);
  await mkdir(folder, { recursive: true });
  const frontendProcess = await startFrontend(frontend, config);
  await waitUntilQuiet(options.waitQuietSeconds, tellProgress);
  tellProgress(`${phase}: limit ${plan.limitSeconds.toFixed(2)} s, running`);
  const { figures, stop } = await measurePhase({ ...ground, tree, plan, folder, frontendProcess });
  tellFigures(phase, figures);
  const isLast = phase === options.phases.at(-1);
  if (!isLast) await waitUntilLearnt(join(run.folder, 'frontend/state'), plan.roles);
  await stop();
  await frontendProcess.stop();
  await rm(folder, { recursive: true, force: true });
  return { phase, isBusy: (figures.load ?? 0) > busyLoad, figures };
}

function tellFigures(phase: Phase, figures: PhaseRun['figures']): void {
  const { makespanSeconds, ratio, receivedToWanted, load } = figures;
  const time = `${makespanSeconds?.toFixed(2)} s, ${ratio?.toFixed(2)} x limit`;
  tellProgress(
    `${phase}: ${time}, ${receivedToWanted?.toFixed(2)} x wanted, load ${load?.toFixed(2)}`,
  );
}
