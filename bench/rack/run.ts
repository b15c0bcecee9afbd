import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { createRack, type Rack } from '../../test/support/rack.ts';
import { BenchError } from '../support/bench-error.ts';
import type { BenchTree } from '../support/tree.ts';
import { verifyCopy } from '../support/verify.ts';
import type { RunFigures } from './figures.ts';
import { measure } from './measure.ts';
import type { Size } from './options.ts';
import type { Stage, StartedSystem, System } from './system.ts';

export type RunPlan = {
  readonly system: System;
  readonly size: Size;
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
  const rack = await createRack({ hosts: planHosts(plan.size) });
  try {
    return await runOnRack(rack, plan);
  } finally {
    await rack.remove();
    await rm(plan.folder, { recursive: true, force: true });
  }
}

const frontendName = 'frontend';

function planHosts({ nodes, rateBitsPerSecond }: Size) {
  const names = Array.from({ length: nodes }, (_, index) => ({
    name: `node-${index}`,
    ip: `10.88.1.${index + 1}`,
  }));
  const all = [{ name: frontendName, ip: '10.88.0.1' }, ...names];
  return all.map((host) => ({ ...host, rateBitsPerSecond }));
}

// Announces and connections that a system makes before it is asked for anything.
const settleMs = 1_000;

async function runOnRack(rack: Rack, plan: RunPlan): Promise<RunFigures> {
  const stage: Stage = {
    rack,
    frontend: rack.host(frontendName),
    nodes: rack.hosts.filter((host) => host.name !== frontendName),
    tree: plan.tree,
    order: plan.order,
    folder: plan.folder,
  };
  const started = await plan.system.start(stage);
  // Each is looked at when all are released; until then none may end the process.
  for (const node of started.nodes) node.done.catch(() => {});
  await delay(settleMs);
  const expectedSeconds = plan.limitSeconds * plan.system.expectedRatio(plan.size.nodes);
  const figures = await measure(stage, started, {
    limitSeconds: plan.limitSeconds,
    timeoutSeconds: expectedSeconds * 1.5 + 30,
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
