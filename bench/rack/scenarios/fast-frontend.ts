import type { Scenario } from '../scenario.ts';
import { planSituation } from '../situation.ts';
import { plain } from './plain.ts';

export const fastFrontend: Scenario = {
  ...plain,
  name: 'fast-frontend',
  about: "the frontend's port twice as fast as a node's",
  systems: ['scree', 'libtorrent'],
  sizes: plain.sizes.filter(({ nodes }) => nodes > 1),
  plan: (size) => {
    const situation = planSituation(size);
    const rateBitsPerSecond = 2 * size.rateBitsPerSecond;
    return { ...situation, frontend: { ...situation.frontend, rateBitsPerSecond } };
  },
};
