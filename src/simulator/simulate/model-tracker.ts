import { silentLog } from '../../runtime/log.ts';
import type { Answer, AskTrackers } from '../../swarm/ask-trackers.ts';
import { defaultWanted, readEvent } from '../../tracker/announce-request.ts';
import { createPlaces } from '../../tracker/places.ts';
import { defaultLimits, Registry } from '../../tracker/registry.ts';
import { swarmPort } from './network.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The frontend's tracker, and how often it was asked. */
export type ModelTracker = {
  readonly askFrom: (ip: string, latencyMs: number) => AskTrackers;
  readonly announces: () => number;
  /** The most within one second. */
  readonly mostPerSecond: () => number;
};

const intervalSeconds = 30;
const silenceMs = 70_000;
const sweepMs = 2000;

export function createModelTracker(
  time: VirtualTime,
  swarm: {
    readonly infohash: string;
    readonly frontendIp: string;
    readonly random: () => number;
    readonly rackOf: (ip: string) => number | undefined;
  },
): ModelTracker {
  const { infohash, frontendIp, random, rackOf } = swarm;
  const placeOf = (ip: string) => ({ node: ip, rack: rackOf(ip) });
  const places = createPlaces({ placeOf, isInNetworks: () => false });
  const catalog = { has: () => true, nameOf: () => undefined, list: () => [] };
  const deps = { log: silentLog, catalog, places, nowMs: time.nowMs, random };
  const registry = new Registry(deps, { ...defaultLimits, silenceMs });
  registry.ownSeeds.add({ infohash, address: frontendIp, port: swarmPort });
  time.every(sweepMs, () => registry.sweep());
  const perSecond: number[] = [];
  let announces = 0;

  const count = () => {
    const second = Math.floor(time.nowMs() / 1000);
    perSecond[second] = (perSecond[second] ?? 0) + 1;
    announces += 1;
  };

  return {
    askFrom: (ip, latencyMs) => (asker, event) =>
      new Promise<Answer>((resolve, reject) => {
        const state = asker.state();
        const request = {
          ...{ infohash, peerId: asker.peerId.toString('hex'), address: ip, port: asker.port },
          ...{ event: readEvent(event), role: undefined, report: undefined, wanted: defaultWanted },
          ...{ leftBytes: state.leftBytes, frontendBytes: state.fromFrontendBytes },
          ...{ uploadedBytes: state.uploadedBytes, downloadedBytes: state.downloadedBytes },
          ...{ family: 'both' as const, localAddress: frontendIp },
        };
        let answer: () => void = () => {};
        // A connection and a question, a round trip each.
        time.after(3 * latencyMs, () => {
          count();
          const outcome = registry.announce(request);
          answer = () => {
            if (outcome.kind === 'refused') return reject(new Error(outcome.message));
            const peers = outcome.peers
              .endpoints()
              .map(({ address, port }) => ({ host: address, port }));
            resolve({ peers, intervalMs: intervalSeconds * 1000, rack: outcome.rack });
          };
        });
        time.after(4 * latencyMs, () => {
          time.unsettle();
          answer();
        });
      }),
    announces: () => announces,
    mostPerSecond: () => perSecond.reduce((most, each) => Math.max(most, each ?? 0), 0),
  };
}
