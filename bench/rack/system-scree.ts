import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import type { RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { createInstaller } from './installer.ts';
import type { Stage, System } from './system.ts';

const scree = join(import.meta.dirname, '../../scree');
const treeName = 'bench';

/** Every node fetches the files in order, through its agent's proxy. */
export const screeSystem: System = {
  name: 'scree',
  needs: [],
  expectedRatio: () => 3,
  start: async (stage) => {
    const { nodes } = stage;
    const frontend = await startFrontend(stage);
    const agents = nodes.map((node) => startAgent(stage, node));
    await Promise.all(agents.map((agent) => agent.waitForLine(/^ready/, 120_000)));
    const baseUrl = `http://127.0.0.1/install/${treeName}`;
    const installers = await Promise.all(
      nodes.map((node) => createInstaller(stage, node, baseUrl)),
    );
    return {
      nodes: installers.map((installer) => installer.node),
      frontendProcesses: [frontend],
      agentProcesses: agents,
      clientProcesses: installers.map((installer) => installer.process),
      countSentBytes: () => countSentBytes(stage),
    };
  },
};

async function startFrontend({ frontend, folder, tree }: Stage): Promise<RackProcess> {
  const configPath = join(folder, 'scree.yaml');
  await writeFile(configPath, renderConfig(frontend.ip, join(folder, 'state')));
  await frontend.run([scree, 'tree', 'add', treeName, tree.folder, '-c', configPath]);
  const program = frontend.start([scree, 'frontend', '-c', configPath]);
  await program.waitForLine(/^ready/, 60_000);
  return program;
}

function renderConfig(ip: string, state: string): string {
  return `state: ${state}
http: { listen: "${ip}:80" }
tracker: { listen: "${ip}:6969" }
seed: { listen: "${ip}:6881", upload: 0 }
dhcp: { mode: off }
tftp: { listen: off }
`;
}

function startAgent({ frontend, folder }: Stage, node: RackHost): RackProcess {
  return node.start([
    ...[scree, 'agent', '--frontend', `http://${frontend.ip}`, '--listen', '127.0.0.1:80'],
    ...['--swarm-port', '6881', '--store', join(folder, `${node.name}-store`)],
  ]);
}

const statsSchema = v.object({
  frontend: v.object({ sentToPeersBytes: v.number(), sentByHttpBytes: v.number() }),
});

async function countSentBytes({ frontend }: Stage): Promise<number> {
  const { stdout } = await frontend.run(['curl', '-sS', `http://${frontend.ip}/stats.json`]);
  const { sentToPeersBytes, sentByHttpBytes } = v.parse(statsSchema, JSON.parse(stdout)).frontend;
  return sentToPeersBytes + sentByHttpBytes;
}
