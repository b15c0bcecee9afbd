import { setTimeout as delay } from 'node:timers/promises';
import { BenchError } from '../../support/bench-error.ts';
import type { Happening, Scene } from '../happening.ts';
import type { Scenario } from '../scenario.ts';
import { limitOf, planSituation } from '../situation.ts';
import { plain } from './plain.ts';

const goneSeconds = 10;

/** The tree is so large that ten seconds are less than what the goal leaves. */
export const frontendGone: Scenario = {
  ...plain,
  name: 'frontend-gone',
  about: `the frontend is killed in the middle, and started again after ${goneSeconds} s`,
  systems: ['scree'],
  takesAll: false,
  sizes: [{ nodes: 16, rateBitsPerSecond: 20e6 }],
  treeSizeBytes: 256 * 2 ** 20,
  beside: ['plain'],
  plan: (size, treeSizeBytes) => {
    const healthy = planSituation(size);
    const fromSeconds = limitOf(healthy, treeSizeBytes) / 2;
    return {
      ...healthy,
      limits: { frontendGone: { fromSeconds, forSeconds: goneSeconds } },
      prepare: async (scene) => killFrontend(scene, fromSeconds),
    };
  },
  goals: () => ({ toPlain: 1.15 }),
};

/** Torrents name an address that nobody answers at; the frontend's other ports are as ever. */
export const trackerGone: Scenario = {
  ...frontendGone,
  name: 'tracker-gone',
  about: 'the address at which agents announce is dead throughout',
  treeSizeBytes: plain.treeSizeBytes,
  plan: (size) => ({ ...planSituation(size), isTrackerDead: true }),
};

function killFrontend({ started }: Scene, fromSeconds: number): Happening {
  const { frontend } = started;
  if (frontend === undefined) throw new BenchError('usage', 'expected a frontend of scree');
  return {
    run: async (signal) => {
      await delay(fromSeconds * 1000, undefined, { signal });
      await frontend.kill();
      await delay(goneSeconds * 1000, undefined, { signal });
      await frontend.startAgain();
    },
    figures: () => ({}),
  };
}
