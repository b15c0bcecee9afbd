import { startScreeFrontend } from './scree-frontend.ts';
import { startScreeNode } from './scree-node.ts';
import type { System } from './system.ts';

/** Every node fetches the files in order, through its agent's proxy. */
export const screeSystem: System = {
  name: 'scree',
  needs: [],
  expectedRatio: () => 3,
  start: async (stage) => {
    const frontend = await startScreeFrontend(stage);
    const nodes = await Promise.all(stage.nodes.map((node) => startScreeNode(stage, node)));
    return {
      nodes: nodes.map(({ node }) => node),
      frontendProcesses: [frontend],
      agentProcesses: nodes.map(({ agent }) => agent),
      clientProcesses: nodes.map(({ installer }) => installer),
      countSentBytes: frontend.countSentBytes,
      frontend,
    };
  },
};
