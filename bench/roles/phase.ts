import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sum } from '../../src/simulator/sum.ts';
import { type BytesByOrigin, sumReceived } from '../../test/support/lab-figures.ts';
import type { Rack, RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { startAgent } from '../../test/support/scree-processes.ts';
import type { RunFigures } from '../rack/figures.ts';
import { createInstaller } from '../rack/installer.ts';
import { measure } from '../rack/measure.ts';
import type { Situation } from '../rack/scenario.ts';
import type { Stage, StartedSystem } from '../rack/system.ts';
import type { FigureSet } from '../support/figure-table.ts';
import type { BenchTree } from '../support/tree.ts';
import { verifyCopy } from '../support/verify.ts';
import type { FigureName } from './figures.ts';
import type { Role, RolesPlan } from './roles.ts';
import { treeName } from './tree-name.ts';

/** An install of all nodes that is to be measured. */
export type PhasePlan = {
  readonly rack: Rack;
  readonly frontend: RackHost;
  readonly nodes: readonly RackHost[];
  readonly situation: Situation;
  readonly tree: BenchTree;
  readonly plan: RolesPlan;
  /** Of this phase alone. */
  readonly folder: string;
  readonly frontendProcess: RackProcess;
};

// Announces, connections, and the orders that agents hear before they are asked for anything.
const settleMs = 1_000;
const baseUrl = `http://127.0.0.1/install/${treeName}`;

/** One install of all nodes, each with an agent that has nothing. The agents run until `stop`. */
export async function measurePhase(phase: PhasePlan): Promise<{
  readonly figures: FigureSet<FigureName>;
  readonly stop: () => Promise<void>;
}> {
  const { tree, plan, nodes } = phase;
  const machines = assignRoles(nodes, plan.roles);
  const stage: Stage = { ...phase, others: [], tree: { ...tree, ...sizeOf(plan) }, order: [] };
  const started = await startAll(phase, stage, machines);
  await delay(settleMs);
  const { limitSeconds } = plan;
  const limits = { limitSeconds, timeoutSeconds: limitSeconds * 5 + 60, happening: undefined };
  // Agents that know an order read ahead in it before they are asked for anything.
  const aheadBytes = (await countReceived(nodes)).fromFrontend;
  const run = await measure(stage, started, limits);
  const received = await countReceived(nodes);
  await verifyAll(started, machines, tree);
  const receivedBytes = received.fromPeers + received.fromFrontend;
  return {
    figures: figuresOf(run, { plan, aheadBytes, receivedBytes }),
    stop: async () => {
      await Promise.all(started.agentProcesses.map((agent) => agent.stop()));
    },
  };
}

type Machine = { readonly host: RackHost; readonly role: Role };

function assignRoles(nodes: readonly RackHost[], roles: readonly Role[]): Machine[] {
  return nodes.flatMap((host, at) => {
    const role = roles[at % roles.length];
    return role === undefined ? [] : [{ host, role }];
  });
}

/** Copies count against what is wanted, each byte once. */
function sizeOf({ wanted }: RolesPlan) {
  return { totalSizeBytes: wanted.distinctBytes };
}

async function startAll(
  { frontend, folder, frontendProcess }: PhasePlan,
  stage: Stage,
  machines: readonly Machine[],
): Promise<StartedSystem> {
  const agents = await Promise.all(
    machines.map(({ host, role }) => {
      const store = join(folder, `${host.name}-store`);
      return startAgent(host, { frontend, store, flags: ['--role', role.name] });
    }),
  );
  const installers = await Promise.all(
    machines.map(({ host, role }) =>
      createInstaller({ ...stage, order: role.paths }, host, baseUrl),
    ),
  );
  // Each is looked at when all are released; until then none may end the process.
  for (const { node } of installers) node.done.catch(() => {});
  return {
    nodes: installers.map(({ node }) => node),
    frontendProcesses: [frontendProcess],
    agentProcesses: agents,
    clientProcesses: installers.map(({ process }) => process),
    countSentBytes: undefined,
  };
}

function countReceived(nodes: readonly RackHost[]): Promise<BytesByOrigin> {
  return sumReceived(nodes.map((host) => ({ host })));
}

async function verifyAll(
  { nodes }: StartedSystem,
  machines: readonly Machine[],
  tree: BenchTree,
): Promise<void> {
  for (const [at, { role }] of machines.entries()) {
    const paths = new Set(role.paths);
    const wanted = { ...tree, files: tree.files.filter(({ path }) => paths.has(path)) };
    await verifyCopy(wanted, nodes[at]?.copyFolder ?? '');
  }
}

type Bytes = {
  readonly plan: RolesPlan;
  /** What had left the frontend before the start. */
  readonly aheadBytes: number;
  readonly receivedBytes: number;
};

/** What was there before the start counts as if it had been fetched after it. */
function figuresOf(run: RunFigures, bytes: Bytes): FigureSet<FigureName> {
  const { plan, aheadBytes, receivedBytes } = bytes;
  const { wanted } = plan;
  const wantedBytes = sum(wanted.nodeBytes);
  const aheadSeconds = aheadBytes / plan.frontendBytesPerSecond;
  const { agentCpuSecondsPerGiB, firstByteMedianSeconds, firstByteP99Seconds } = run;
  const toOwnPart = (wanted.distinctBytes * wanted.nodeBytes.length) / wantedBytes;
  return {
    makespanSeconds: run.makespanSeconds,
    aheadSeconds,
    ratio: (run.makespanSeconds + aheadSeconds) / plan.limitSeconds,
    receivedToWanted: receivedBytes / wantedBytes,
    copies: run.copies + aheadBytes / wanted.distinctBytes,
    agentCpuSecondsPerGiB: (agentCpuSecondsPerGiB ?? 0) * toOwnPart,
    ...(firstByteMedianSeconds === undefined ? {} : { firstByteMedianSeconds }),
    ...(firstByteP99Seconds === undefined ? {} : { firstByteP99Seconds }),
    load: run.load,
    ownLoad: run.ownLoad,
  };
}
