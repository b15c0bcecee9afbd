import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createRack, type Rack } from '../../test/support/rack.ts';
import { BenchError } from '../support/bench-error.ts';
import type { BenchTree } from '../support/tree.ts';
import { verifyCopy } from '../support/verify.ts';
import { warmMemory } from '../support/warm-memory.ts';
import type { RunFigures } from './figures.ts';
import { measure } from './measure.ts';
import type { Scenario, Situation } from './scenario.ts';
import type { Stage, StartedSystem, System } from './system.ts';

export type RunPlan = {
  readonly scenario: Scenario;
  readonly system: System;
  readonly situation: Situation;
  readonly tree: BenchTree;
  readonly order: readonly string[];
  readonly limitSeconds: number;
  /** For this run alone; made by it and removed after it. */
  readonly folder: string;
};

/**
 * One run on a rack of its own: starts everything, measures, and checks every byte that every node
 * got. Nothing of it remains, whether it succeeds or throws.
 */
export async function runOnce(plan: RunPlan): Promise<RunFigures> {
  await mkdir(plan.folder, { recursive: true });
  const { frontend, nodes, others, uplinks } = plan.situation;
  const rack = await createRack({ hosts: [frontend, ...nodes, ...others], uplinks });
  try {
    return await runOnRack(rack, plan);
  } finally {
    await rack.remove();
    await rm(plan.folder, { recursive: true, force: true });
  }
}

// Announces and connections that a system makes before it is asked for anything.
const settleMs = 1_000;

async function runOnRack(rack: Rack, plan: RunPlan): Promise<RunFigures> {
  const { situation, limitSeconds } = plan;
  const stage: Stage = {
    rack,
    frontend: rack.host(situation.frontend.name),
    nodes: situation.nodes.map(({ name }) => rack.host(name)),
    others: situation.others.map(({ name }) => rack.host(name)),
    situation,
    tree: plan.tree,
    order: plan.order,
    folder: plan.folder,
  };
  // A store and an installed copy on every node.
  const memory = warmMemory(plan.folder, 2 * plan.tree.totalSizeBytes * stage.nodes.length);
  const started = await plan.system.start(stage);
  // Each is looked at when all are released; until then none may end the process.
  for (const node of started.nodes) node.done.catch(() => {});
  const happening = await situation.prepare?.({ stage, started, limitSeconds });
  await delay(settleMs);
  memory.release();
  const expectedSeconds = limitSeconds * plan.system.expectedRatio(stage.nodes.length);
  const figures = await measure(stage, started, {
    limitSeconds,
    timeoutSeconds: expectedSeconds * 1.5 + 30,
    happening,
  }).catch((error: unknown) => {
    throw withLastWords(error, started);
  });
  await verifyAll(started, plan.tree);
  return figures;
}

async function verifyAll(started: StartedSystem, tree: BenchTree): Promise<void> {
  for (const node of started.nodes) await verifyCopy(tree, node.copyFolder);
}

/** What the services said last is the first thing to look at when a node fails. */
function withLastWords(error: unknown, started: StartedSystem): unknown {
  const programs = [...started.frontendProcesses, ...started.agentProcesses];
  const words = programs.flatMap((program) => {
    const last = program.stderr.lines().at(-1);
    return last === undefined ? [] : [`${program.title} said ${last}`];
  });
  if (!(error instanceof BenchError) || words.length === 0) return error;
  return new BenchError(error.code, [error.message, ...words.slice(0, 3)].join('; '));
}
