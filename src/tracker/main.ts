import { isLoopback, isWildcard, normalizeAddress } from './address.ts';
import { createConnectionIds } from './connection-ids.ts';
import { HttpAnnounceServer } from './http-announce.ts';
import { createHttpDoor } from './http-door.ts';
import { type Listeners, startListeners } from './listeners.ts';
import { createLocalAddresses } from './local-address.ts';
import { createNetworkFilter } from './networks.ts';
import { createRefusalCounter } from './refusals.ts';
import { defaultLimits, Registry } from './registry.ts';
import { collectStats } from './stats.ts';
import { renderStatsPage } from './stats-page.ts';
import type { Tracker, TrackerConfig, TrackerDeps } from './types.ts';
import { createUdpAnswerer } from './udp-answer.ts';

const defaultIntervalSeconds = 30;
/** On top of two intervals without a word, before a peer counts as gone. */
const graceMs = 10_000;
const sweepMs = 2_000;

/**
 * A BitTorrent tracker (BEP 3, 7, 15, 23, 27, 48) for the torrents of a catalog and the machines
 * of a few networks. Throws TrackerError `bad-network`.
 */
export function createTracker(deps: TrackerDeps, config: TrackerConfig): Tracker {
  const { log, catalog, nowMs = () => performance.now(), random = Math.random } = deps;
  const { listen, intervalSeconds = defaultIntervalSeconds } = config;
  const silenceMs = 2_000 * intervalSeconds + graceMs;
  const registry = new Registry({ log, catalog, nowMs, random }, { ...defaultLimits, silenceMs });
  const refusals = createRefusalCounter();
  const isInNetworks = createNetworkFilter(config.networks);
  const announces = new HttpAnnounceServer({ registry, refusals }, { intervalSeconds });
  const door = { log, announces, registry, refusals, isInNetworks };
  const handle = createHttpDoor(door, { intervalSeconds });
  const answerUdp = createUdpAnswerer(
    {
      registry,
      refusals,
      isInNetworks,
      connectionIds: createConnectionIds({ nowMs }),
      localAddressFor: localAddresses(listen?.host, nowMs),
    },
    { intervalSeconds },
  );
  const startedAtMs = nowMs();
  let listeners: Listeners | undefined;
  let sweeper: NodeJS.Timeout | undefined;

  const tracker: Tracker = {
    start: async () => {
      const parts = { log, nowMs, refusals, tracker, answerUdp };
      if (listen !== undefined) listeners = await startListeners(parts, listen);
      sweeper = setInterval(() => registry.sweep(), sweepMs).unref();
    },
    close: async () => {
      clearInterval(sweeper);
      await listeners?.close();
      listeners = undefined;
      announces.close();
    },
    port: () => listeners?.port,
    handle,
    mayReadStats: (rawAddress) => {
      const address = normalizeAddress(rawAddress);
      return address !== undefined && (isLoopback(address) || isInNetworks(address));
    },
    addOwnSeed: (seed) => registry.ownSeeds.add(seed),
    removeTorrent: (infohash) => registry.remove(infohash),
    stats: () => {
      const uptimeSeconds = Math.floor((nowMs() - startedAtMs) / 1000);
      const moment = { nowMs: nowMs(), uptimeSeconds, intervalSeconds };
      return collectStats({ registry, catalog }, { ...moment, refusals: refusals.snapshot() });
    },
    renderStatsPage,
  };
  return tracker;
}

/** A socket on one address is asked at that one; a wildcard cannot tell. */
function localAddresses(
  host: string | undefined,
  nowMs: () => number,
): (asker: string) => string | undefined {
  if (host === undefined || isWildcard(host)) return createLocalAddresses({ nowMs });
  const address = normalizeAddress(host);
  return () => address;
}
