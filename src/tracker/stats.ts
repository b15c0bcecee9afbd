import type { Places } from './places.ts';
import type { Registry } from './registry.ts';
import { readFigures, type SwarmFigures, swarmStats } from './swarm-stats.ts';
import type { CatalogEntry, SwarmStats, TrackerCatalog, TrackerStats } from './types.ts';

/** More are counted, not listed: a page has to stay one that a person can load. */
const maximumSwarmsListed = 50;
const maximumPeersListed = 300;
const maximumPeersListedPerSwarm = 250;

export type StatsMoment = {
  readonly nowMs: number;
  readonly uptimeSeconds: number;
  readonly intervalSeconds: number;
  readonly refusals: TrackerStats['refusals'];
};

export type StatsSources = {
  readonly registry: Registry;
  readonly catalog: TrackerCatalog;
  readonly places: Places;
};

/** The figures of a moment, as plain JSON. */
export function collectStats(
  { registry, catalog, places }: StatsSources,
  { nowMs, ...moment }: StatsMoment,
): TrackerStats {
  const entries = new Map(catalog.list().map((entry) => [entry.infohash, entry]));
  const infohashes = [...registry.knownInfohashes()];
  const figures = infohashes.map((infohash) => readFigures(registry, infohash, nowMs));
  const listed = figures.sort(compareBusiness).slice(0, maximumSwarmsListed);
  return {
    ...moment,
    totals: { torrents: entries.size, swarms: registry.swarms.size, ...addUp(figures) },
    flows: registry.flows.snapshot(),
    offences: registry.offenders.reports,
    offenders: registry.offenders.list(nowMs),
    swarms: listSwarms(registry, { listed, entries, nowMs, places }),
    swarmsNotListed: figures.length - listed.length,
  };
}

function listSwarms(
  registry: Registry,
  of: {
    readonly listed: readonly SwarmFigures[];
    readonly entries: ReadonlyMap<string, CatalogEntry>;
    readonly nowMs: number;
    readonly places: Places;
  },
): readonly SwarmStats[] {
  let rows = maximumPeersListed;
  return of.listed.map((figures) => {
    const peersListed = Math.min(rows, maximumPeersListedPerSwarm);
    const entry = of.entries.get(figures.infohash);
    const { nowMs, places } = of;
    const stats = swarmStats(registry, { figures, entry, nowMs, places, peersListed });
    rows -= stats.peers.length;
    return stats;
  });
}

/** By the peers there are, then by the bytes that were moved. */
function compareBusiness(one: SwarmFigures, other: SwarmFigures): number {
  return peersOf(other) - peersOf(one) || other.downloadedBytes - one.downloadedBytes;
}

function peersOf({ seeds, leechers }: SwarmFigures): number {
  return seeds + leechers;
}

function addUp(figures: readonly SwarmFigures[]): Omit<SwarmFigures, 'infohash'> {
  const sums = { ...nothing };
  for (const each of figures) {
    for (const name of summed) sums[name] += each[name];
  }
  return sums;
}

const nothing = {
  seeds: 0,
  leechers: 0,
  completed: 0,
  announces: 0,
  announcesPerSecond: 0,
  uploadedBytes: 0,
  downloadedBytes: 0,
  fromFrontendBytes: 0,
  fromPeersBytes: 0,
  fromOwnRackBytes: 0,
  fromOtherRacksBytes: 0,
};
const summed = Object.keys(nothing) as readonly (keyof typeof nothing)[];
