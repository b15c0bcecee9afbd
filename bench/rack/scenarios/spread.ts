import type { Scenario } from '../scenario.ts';
import { planSituation } from '../situation.ts';
import { plain } from './plain.ts';

const spreadSeconds = 30;

export const spread: Scenario = {
  ...plain,
  name: 'spread',
  about: `nodes start evenly within ${spreadSeconds} s, their agents with them`,
  systems: ['scree', 'libtorrent'],
  sizes: plain.sizes.filter(({ nodes }) => nodes > 1),
  plan: (size) => {
    const last = Math.max(1, size.nodes - 1);
    const starts = Array.from({ length: size.nodes }, (_, index) => (spreadSeconds * index) / last);
    return { ...planSituation(size), startsSeconds: starts };
  },
};
