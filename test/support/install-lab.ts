import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { atExit } from './at-exit.ts';
import { createRack, type Rack, type RackHost } from './rack.ts';
import type { RackProcess } from './rack-process.ts';
import { addTree, startAgent, startFrontend, writeConfig } from './scree-processes.ts';

export type LabPlan = {
  readonly tree: { readonly name: string; readonly folder: string };
  readonly nodeCount: number;
  /** Of every port, each way. */
  readonly rateBitsPerSecond: number;
};

/** A frontend with a tree and some nodes, each with shaped links and its own agent. */
export type Lab = {
  /** For the systems that are installed and whatever else; removed at the end. */
  readonly folder: string;
  readonly frontend: LabMachine;
  readonly nodes: readonly LabMachine[];
};

export type LabMachine = {
  readonly host: RackHost;
  /** The frontend, or a node's agent; replaced when a test starts another. */
  program: RackProcess;
  readonly startAgain: () => Promise<void>;
};

/** Opens a lab for one test. Nothing of it stays, however the test ends. */
export async function openLab(t: ExecutionContext, plan: LabPlan): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-lab-'));
  const forget = atExit(() => rmSync(folder, { recursive: true, force: true }));
  t.teardown(async () => {
    await rm(folder, { recursive: true, force: true });
    forget();
  });
  const rack = await createRack({ hosts: planHosts(plan) });
  t.teardown(() => rack.remove());
  const lab = await startPrograms(rack, folder, plan);
  t.teardown(() => logLastLines(t, lab));
  return lab;
}

function planHosts({ nodeCount, rateBitsPerSecond }: LabPlan) {
  const names = ['frontend', ...Array.from({ length: nodeCount }, (_, index) => `node-${index}`)];
  return names.map((name, index) => ({ name, ip: `10.77.0.${index + 1}`, rateBitsPerSecond }));
}

async function startPrograms(rack: Rack, folder: string, { tree }: LabPlan): Promise<Lab> {
  const [first, ...others] = rack.hosts;
  if (first === undefined) throw new Error('expected a frontend among the hosts, got none');
  const config = await writeConfig(first, join(folder, 'frontend'));
  await addTree(first, config, tree);
  const frontend = await startMachine(first, () => startFrontend(first, config));
  const nodes = await Promise.all(
    others.map((host) => {
      const store = join(folder, host.name, 'store');
      return startMachine(host, () => startAgent(host, { frontend: first, store }));
    }),
  );
  return { folder, frontend, nodes };
}

async function startMachine(
  host: RackHost,
  start: () => Promise<RackProcess>,
): Promise<LabMachine> {
  const machine: LabMachine = {
    host,
    program: await start(),
    startAgain: async () => {
      machine.program = await start();
    },
  };
  return machine;
}

/** What helps to see why a test failed. */
function logLastLines(t: ExecutionContext, { frontend, nodes }: Lab): void {
  if (t.passed) return;
  for (const { program } of [frontend, ...nodes]) {
    t.log([program.title, ...program.stderr.lines().slice(-12)].join('\n'));
  }
}
