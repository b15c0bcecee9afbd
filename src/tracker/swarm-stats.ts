import { clientName } from './client-name.ts';
import { isSeed, type Peer } from './peer.ts';
import type { PeerTable } from './peer-table.ts';
import type { Places } from './places.ts';
import type { Registry } from './registry.ts';
import { splitDownloaded } from './transfer-totals.ts';
import type { CatalogEntry, PeerStats, SwarmStats } from './types.ts';

export type SwarmFigures = Omit<
  SwarmStats,
  | 'name'
  | 'generation'
  | 'totalSizeBytes'
  | 'copiesFromFrontend'
  | 'ownSeeds'
  | 'peers'
  | 'peersNotListed'
>;

/** The sums of one swarm, without a walk over its peers. */
export function readFigures(registry: Registry, infohash: string, nowMs: number): SwarmFigures {
  const totals = registry.totalsOf(infohash);
  const { seeds, leechers, completed } = registry.countsOf(infohash);
  // There may be a thousand swarms: no copies of copies.
  return {
    infohash,
    seeds,
    leechers,
    completed,
    announces: totals.announces,
    announcesPerSecond: registry.swarms.get(infohash)?.rate.perSecond(nowMs) ?? 0,
    uploadedBytes: totals.uploadedBytes,
    downloadedBytes: totals.downloadedBytes,
    fromFrontendBytes: totals.fromFrontendBytes,
    fromPeersBytes: totals.fromPeersBytes,
    fromOwnRackBytes: totals.fromOwnRackBytes,
    fromOtherRacksBytes: totals.fromOtherRacksBytes,
  };
}

/** One swarm with its peers in the order of their addresses; of too many, those that lack most. */
export function swarmStats(
  registry: Registry,
  of: {
    readonly figures: SwarmFigures;
    readonly entry: CatalogEntry | undefined;
    readonly nowMs: number;
    readonly peersListed: number;
    readonly places: Places;
  },
): SwarmStats {
  const { figures, entry, peersListed, nowMs, places } = of;
  const { table } = registry;
  const slots = registry.swarms.get(figures.infohash)?.slots() ?? [];
  const listed = thoseThatLackMost(table, slots, peersListed);
  const totalSizeBytes = entry?.totalSizeBytes ?? null;
  return {
    ...figures,
    name: entry?.name ?? null,
    generation: entry?.generation ?? null,
    totalSizeBytes,
    copiesFromFrontend: totalSizeBytes ? figures.fromFrontendBytes / totalSizeBytes : null,
    ownSeeds: registry.ownSeeds.describe(figures.infohash),
    peers: listed
      .toSorted((one, other) => table.compare(one, other))
      .map((slot) => peerStats(table.read(slot), { totalSizeBytes, nowMs, places })),
    peersNotListed: slots.length - listed.length,
  };
}

/** Sorts numbers, not peers: there may be ten thousand. */
function thoseThatLackMost(
  { leftBytes }: PeerTable,
  slots: readonly number[],
  count: number,
): readonly number[] {
  if (slots.length <= count || count === 0) return slots.slice(0, count);
  const least =
    Float64Array.from(slots, (slot) => leftBytes[slot] ?? 0)
      .sort()
      .at(-count) ?? 0;
  const more = slots.filter((slot) => (leftBytes[slot] ?? 0) > least);
  const asMuch = slots.filter((slot) => leftBytes[slot] === least);
  return [...more, ...asMuch].slice(0, count);
}

function peerStats(
  peer: Peer,
  of: {
    readonly totalSizeBytes: number | null;
    readonly nowMs: number;
    readonly places: Places;
  },
): PeerStats {
  const split = peer.frontendBytes === undefined ? undefined : splitDownloaded(peer);
  return {
    address: peer.address,
    port: peer.port,
    node: of.places.nodeOf(peer),
    rack: of.places.rackOf(peer.address),
    client: clientName(peer.peerId),
    role: peer.role ?? null,
    seed: isSeed(peer),
    progress: progressOf(peer, of.totalSizeBytes),
    uploadedBytes: peer.uploadedBytes,
    downloadedBytes: peer.downloadedBytes,
    fromFrontendBytes: split?.fromFrontendBytes ?? null,
    fromPeersBytes: split?.fromPeersBytes ?? null,
    lastAnnounceSeconds: Math.max(0, Math.round((of.nowMs - peer.announcedAtMs) / 1000)),
  };
}

function progressOf({ leftBytes }: Peer, totalSizeBytes: number | null): number | null {
  if (leftBytes === 0) return 1;
  if (leftBytes === undefined || !totalSizeBytes) return null;
  return Math.max(0, 1 - leftBytes / totalSizeBytes);
}
