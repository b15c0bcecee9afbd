import type { Goals, Scenario } from '../scenario.ts';
import { planSituation } from '../situation.ts';

const goals: ReadonlyMap<number, Goals> = new Map([
  [1, { toNginx: 1.03 }],
  [8, { ratio: 1.05, copies: 1.05 }],
  [32, { ratio: 1.08, copies: 1.08 }],
]);

export const plain: Scenario = {
  name: 'plain',
  about: 'all nodes at once, all ports alike, on one switch',
  systems: ['scree', 'nginx', 'aria2', 'libtorrent'],
  takesAll: true,
  // Together, the ports of all nodes stay below what a small machine can switch.
  sizes: [
    { nodes: 1, rateBitsPerSecond: 40e6 },
    { nodes: 8, rateBitsPerSecond: 40e6 },
    { nodes: 32, rateBitsPerSecond: 20e6 },
  ],
  treeSizeBytes: 64 * 2 ** 20,
  beside: [],
  plan: planSituation,
  goals: (nodes) => goals.get(nodes) ?? {},
};
