import { join } from 'node:path';
import type { RackHost } from '../../test/support/rack.ts';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { createInstaller } from './installer.ts';
import { scree, treeName } from './scree-frontend.ts';
import type { Stage, WaitingNode } from './system.ts';

export type ScreeNode = {
  readonly node: WaitingNode;
  readonly agent: RackProcess;
  readonly installer: RackProcess;
};

/**
 * An agent that serves, and an installer that waits. Where nodes do not start together, the agent
 * waits too, and is up before its installer is released.
 */
export async function startScreeNode(stage: Stage, host: RackHost): Promise<ScreeNode> {
  const startsLate = stage.situation.startsSeconds !== undefined;
  const command = [
    ...[scree, 'agent', '--frontend', `http://${stage.frontend.ip}`, '--listen', '127.0.0.1:80'],
    ...['--swarm-port', '6881', '--store', join(stage.folder, `${host.name}-store`)],
  ];
  const agent = host.start(command, startsLate ? { held: 'by-shell' } : {});
  const isUp = async (): Promise<unknown> => agent.waitForLine(/^ready/, 120_000);
  if (!startsLate) await isUp();
  const baseUrl = `http://127.0.0.1/install/${treeName}`;
  const { node, process: installer } = await createInstaller(stage, host, baseUrl);
  const release = async (): Promise<void> => {
    agent.release();
    await isUp();
    await node.release();
  };
  return { agent, installer, node: startsLate ? { ...node, release } : node };
}
