import { clientName } from './client-name.ts';
import { isSeed, type Peer } from './peer.ts';
import type { Registry } from './registry.ts';
import { transferOf } from './transfer-totals.ts';
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
  return {
    infohash,
    ...registry.totalsOf(infohash),
    ...registry.countsOf(infohash),
    announcesPerSecond: registry.swarms.get(infohash)?.rate.perSecond(nowMs) ?? 0,
  };
}

/** One swarm with its peers, in the order of their addresses. */
export function swarmStats(
  registry: Registry,
  of: {
    readonly figures: SwarmFigures;
    readonly entry: CatalogEntry | undefined;
    readonly nowMs: number;
    readonly peersListed: number;
  },
): SwarmStats {
  const { figures, entry, peersListed } = of;
  const swarm = registry.swarms.get(figures.infohash);
  const peers = [...(swarm?.seeds ?? []), ...(swarm?.leechers ?? [])].sort(compareAddresses);
  const totalSizeBytes = entry?.totalSizeBytes ?? null;
  return {
    ...figures,
    name: entry?.name ?? null,
    generation: entry?.generation ?? null,
    totalSizeBytes,
    copiesFromFrontend: totalSizeBytes ? figures.fromFrontendBytes / totalSizeBytes : null,
    ownSeeds: registry.ownSeeds.describe(figures.infohash),
    peers: peers.slice(0, peersListed).map((peer) => peerStats(peer, totalSizeBytes, of.nowMs)),
    peersNotListed: Math.max(0, peers.length - peersListed),
  };
}

function compareAddresses(one: Peer, other: Peer): number {
  return Buffer.compare(one.compact, other.compact);
}

function peerStats(peer: Peer, totalSizeBytes: number | null, nowMs: number): PeerStats {
  const split = peer.frontendBytes === undefined ? undefined : transferOf(peer);
  return {
    address: peer.address,
    port: peer.port,
    client: clientName(peer.peerId),
    role: peer.role ?? null,
    seed: isSeed(peer),
    progress: progressOf(peer, totalSizeBytes),
    uploadedBytes: peer.uploadedBytes,
    downloadedBytes: peer.downloadedBytes,
    fromFrontendBytes: split?.fromFrontendBytes ?? null,
    fromPeersBytes: split?.fromPeersBytes ?? null,
    lastAnnounceSeconds: Math.max(0, Math.round((nowMs - peer.announcedAtMs) / 1000)),
  };
}

function progressOf({ leftBytes }: Peer, totalSizeBytes: number | null): number | null {
  if (leftBytes === 0) return 1;
  if (leftBytes === undefined || !totalSizeBytes) return null;
  return Math.max(0, 1 - leftBytes / totalSizeBytes);
}
