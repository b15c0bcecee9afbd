import { type LimitInput, limitSeconds } from '../../test/support/limit-seconds.ts';
import type { Situation, Size } from './scenario.ts';

/** All ports alike, on one switch, all nodes at once, and nothing else happens. */
export function planSituation({ nodes, rateBitsPerSecond }: Size): Situation {
  return {
    frontend: { name: 'frontend', ip: '10.88.0.1', rateBitsPerSecond },
    nodes: Array.from({ length: nodes }, (_, index) => ({
      name: `node-${index}`,
      ip: `10.88.1.${index + 1}`,
      rateBitsPerSecond,
    })),
    others: [],
    uplinks: [],
    startsSeconds: undefined,
    isTrackerDead: false,
    limits: {},
    prepare: undefined,
  };
}

/** What no system can beat, in seconds from the first node's start. */
export function limitOf(situation: Situation, sizeBytes: number): number {
  const { frontend, nodes, uplinks, startsSeconds, limits } = situation;
  const rateOf = (port: { readonly rateBitsPerSecond?: number }) =>
    port.rateBitsPerSecond ?? Number.POSITIVE_INFINITY;
  const input: LimitInput = {
    sizeBytes,
    frontendBitsPerSecond: rateOf(frontend),
    nodesBitsPerSecond: nodes.map(rateOf),
    uplinksBitsPerSecond: uplinks.map(rateOf),
    ...(startsSeconds === undefined ? {} : { startsSeconds }),
    ...limits,
  };
  return limitSeconds(input);
}
