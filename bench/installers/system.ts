import { join } from 'node:path';
import type { AgentStatus } from '../../src/installer-agent/status.ts';
import { readAgentStatus } from '../../test/support/lab-figures.ts';
import type { RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import {
  addTree,
  startAgent,
  startFrontend,
  writeConfig,
} from '../../test/support/scree-processes.ts';
import { startNginx } from '../support/nginx.ts';
import type { ClientTree } from './client.ts';

/** A rack with nothing running in it, and what is to be installed. */
export type Stage = {
  readonly frontend: RackHost;
  readonly nodes: readonly RackHost[];
  readonly tree: ClientTree;
  /** For this run alone. */
  readonly folder: string;
};

export type StartedSystem = {
  /** Of the tree, at each node. */
  readonly url: string;
  readonly frontendProcesses: readonly RackProcess[];
  readonly agentProcesses: readonly RackProcess[];
  readonly agentStatuses: () => Promise<readonly AgentStatus[]>;
};

/** Where installers get their packages from. */
export type System = (stage: Stage) => Promise<StartedSystem>;

export const systemNames = ['scree', 'nginx', 'local'] as const;
export type SystemName = (typeof systemNames)[number];

/** `local`: from an nginx on the node itself, so that no link is used. */
export const systems: Readonly<Record<SystemName, System>> = {
  scree: startScree,
  nginx: startPlain,
  local: startLocal,
};

/** An agent on every node. The frontend knows no install order yet. */
async function startScree({ frontend, nodes, tree, folder }: Stage): Promise<StartedSystem> {
  const config = await writeConfig(frontend, join(folder, 'frontend'));
  await addTree(frontend, config, tree);
  const program = await startFrontend(frontend, config);
  const agents = await Promise.all(
    nodes.map((host) => startAgent(host, { frontend, store: join(folder, host.name, 'store') })),
  );
  return {
    url: `http://127.0.0.1/install/${tree.name}`,
    frontendProcesses: [program],
    agentProcesses: agents,
    agentStatuses: () => Promise.all(nodes.map((host) => readAgentStatus({ host }))),
  };
}

async function startPlain({ frontend, tree, folder }: Stage): Promise<StartedSystem> {
  const { process, url } = await startNginx(frontend, {
    ...{ address: frontend.ip, treeFolder: tree.folder },
    state: join(folder, 'nginx'),
  });
  return { url, ...noAgents, frontendProcesses: [process] };
}

async function startLocal({ nodes, tree, folder }: Stage): Promise<StartedSystem> {
  const address = '127.0.0.1';
  const servers = nodes.map((host) =>
    startNginx(host, { address, treeFolder: tree.folder, state: join(folder, host.name, 'nginx') }),
  );
  await Promise.all(servers);
  return { url: `http://${address}/tree`, ...noAgents, frontendProcesses: [] };
}

const noAgents = { agentProcesses: [], agentStatuses: async () => [] };
