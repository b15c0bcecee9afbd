import { runProgram } from '../runtime/lifecycle.ts';
import { createLog, type LogLevel } from '../runtime/log.ts';
import {
  formatEndpoint,
  isLoopback,
  isWildcard,
  normalizeAddress,
  readEndpoint,
} from './address.ts';
import { createConnectionIds } from './connection-ids.ts';
import { frontendName } from './flow-matrix.ts';
import { HttpAnnounceServer } from './http-announce.ts';
import { createHttpDoor } from './http-door.ts';
import { type Listeners, startListeners } from './listeners.ts';
import { createLocalAddresses } from './local-address.ts';
import { renderMetrics } from './metrics.ts';
import { createNetworkFilter } from './networks.ts';
import { createPlaces, type Places } from './places.ts';
import { createRefusalCounter, type RefusalCounter } from './refusals.ts';
import { defaultLimits, Registry } from './registry.ts';
import { shownAddress } from './shown-address.ts';
import { createStateCatalog } from './state-catalog.ts';
import { collectStats } from './stats.ts';
import { renderStatsPage } from './stats-page.ts';
import { silentIntervals, sweepMs, sweptAtOnce } from './sweeping.ts';
import type { Tracker, TrackerConfig, TrackerDeps } from './types.ts';
import { createUdpAnswerer, type UdpAnswerer } from './udp-answer.ts';

const defaultIntervalSeconds = 30;
const rereadMs = 3_000;

/** `scree tracker`: the tracker alone, for the trees of a state folder, until it is told to stop. */
export async function runTracker(settings: {
  readonly stateFolder: string;
  readonly logLevel: LogLevel;
  readonly tracker: TrackerConfig & { readonly listen: NonNullable<TrackerConfig['listen']> };
}): Promise<void> {
  const { stateFolder, logLevel, tracker: config } = settings;
  const log = await createLog({ area: 'tracker', level: logLevel });
  await runProgram({
    log,
    start: async ({ add }) => {
      const catalog = createStateCatalog({ log }, { stateFolder, rereadMs });
      add({ name: 'trees', close: catalog.close });
      await catalog.refresh();
      const tracker = createTracker({ log, catalog }, config);
      add({ name: 'tracker', close: tracker.close });
      await tracker.start();
      const { host, port } = config.listen;
      const endpoint = formatEndpoint(shownAddress(host), tracker.port() ?? port);
      const hint = isWildcard(host) ? ' (on all addresses)' : '';
      return `http://${endpoint}/announce udp://${endpoint}/announce${hint}`;
    },
  });
}

/**
 * A BitTorrent tracker (BEP 3, 7, 15, 23, 27, 48) for the torrents of a catalog and the machines
 * of a few networks. Throws TrackerError `bad-network`.
 */
export function createTracker(deps: TrackerDeps, config: TrackerConfig): Tracker {
  const { log, catalog, nowMs = () => performance.now() } = deps;
  const { listen, intervalSeconds = defaultIntervalSeconds } = config;
  const parts = createParts({ ...deps, nowMs }, { ...config, intervalSeconds });
  const { registry, places, refusals, announces, handle, answerUdp, isInNetworks } = parts;
  const startedAtMs = nowMs();
  let listeners: Listeners | undefined;
  let sweeper: NodeJS.Timeout | undefined;

  const tracker: Tracker = {
    start: async () => {
      const served = { log, nowMs, refusals, tracker, answerUdp };
      if (listen !== undefined) listeners = await startListeners(served, listen);
      // Its templates are compiled before somebody waits for an announce.
      renderStatsPage(tracker.stats());
      sweeper = setInterval(() => registry.sweep(sweptAtOnce), sweepMs).unref();
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
    noteOffender: ({ address, reason }) => {
      const named = places.nodeOf(readEndpoint(address));
      const offence = { address: named, reason, by: frontendName };
      registry.offenders.add(offence, { needsTwo: false, nowMs: nowMs() });
    },
    stats: () => {
      const uptimeSeconds = Math.floor((nowMs() - startedAtMs) / 1000);
      const moment = { nowMs: nowMs(), uptimeSeconds, intervalSeconds };
      return collectStats(
        { registry, catalog, places },
        { ...moment, refusals: refusals.snapshot() },
      );
    },
    renderStatsPage,
    renderMetrics,
  };
  return tracker;
}

type Parts = {
  readonly registry: Registry;
  readonly places: Places;
  readonly refusals: RefusalCounter;
  readonly isInNetworks: (address: string) => boolean;
  readonly announces: HttpAnnounceServer;
  readonly handle: Tracker['handle'];
  readonly answerUdp: UdpAnswerer;
};

/** The swarms, and the two ways to them. */
function createParts(
  {
    log,
    catalog,
    nowMs,
    random = Math.random,
    placeOf = () => undefined,
  }: TrackerDeps & { readonly nowMs: () => number },
  { listen, networks, intervalSeconds }: TrackerConfig & { readonly intervalSeconds: number },
): Parts {
  const isInNetworks = createNetworkFilter(networks);
  const places = createPlaces({ placeOf, isInNetworks });
  const silenceMs = silentIntervals * 1000 * intervalSeconds;
  const registry = new Registry(
    { log, catalog, places, nowMs, random },
    { ...defaultLimits, silenceMs },
  );
  const shared = { registry, places, refusals: createRefusalCounter(), isInNetworks };
  const announces = new HttpAnnounceServer(shared, { intervalSeconds });
  const connectionIds = createConnectionIds({ nowMs });
  const localAddressFor = localAddresses(listen?.host, nowMs);
  return {
    ...shared,
    announces,
    handle: createHttpDoor({ ...shared, log, announces }, { intervalSeconds }),
    answerUdp: createUdpAnswerer(
      { ...shared, connectionIds, localAddressFor },
      { intervalSeconds },
    ),
  };
}

/** A socket on one address is asked at that one; a wildcard, or a name, cannot tell. */
function localAddresses(
  host: string | undefined,
  nowMs: () => number,
): (asker: string) => string | undefined {
  const address = normalizeAddress(host);
  if (address === undefined || isWildcard(address)) return createLocalAddresses({ nowMs });
  return () => address;
}
