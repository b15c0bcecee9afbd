import { join } from 'node:path';
import { nginxNeeds, startNginx } from '../support/nginx.ts';
import { createInstaller } from './installer.ts';
import type { System } from './system.ts';

/** Every node fetches everything from the frontend's nginx. */
export const nginx: System = {
  name: 'nginx',
  needs: nginxNeeds,
  expectedRatio: (nodes) => nodes,
  start: async (stage) => {
    const { frontend, nodes, folder, tree } = stage;
    const server = await startNginx(frontend, {
      ...{ address: frontend.ip, treeFolder: tree.folder },
      state: join(folder, 'nginx'),
    });
    const installers = await Promise.all(
      nodes.map((node) => createInstaller(stage, node, server.url)),
    );
    return {
      nodes: installers.map((installer) => installer.node),
      frontendProcesses: [server.process],
      agentProcesses: [],
      clientProcesses: installers.map((installer) => installer.process),
      countSentBytes: undefined,
    };
  },
};
