import type { Log } from '../runtime/log.ts';
import type { AnnounceRequest } from './announce-request.ts';
import { OwnSeeds } from './own-seeds.ts';
import { type PeerEndpoint, peerKey } from './peer.ts';
import { Swarm, type SwarmLimits } from './swarm.ts';
import { noTotals, type SwarmTotals } from './transfer-totals.ts';
import type { RefusalReason, TrackerCatalog } from './types.ts';

export type RegistryDeps = {
  readonly log: Log;
  readonly catalog: TrackerCatalog;
  readonly nowMs: () => number;
  readonly random: () => number;
};

export type RegistryConfig = SwarmLimits & {
  /** In all swarms together; about 530 bytes each. */
  readonly peers: number;
  /** Torrents whose figures are kept after their last peer has left. */
  readonly pastSwarms: number;
  /** A peer that has been silent for longer is gone. */
  readonly silenceMs: number;
};

export const defaultLimits = {
  peersPerSwarm: 10_000,
  peersPerAddress: 256,
  peers: 50_000,
  pastSwarms: 1_000,
} as const;

export type ScrapeEntry = {
  readonly infohash: string;
  readonly seeds: number;
  readonly leechers: number;
  readonly completed: number;
};

export type AnnounceOutcome =
  | (Omit<ScrapeEntry, 'infohash'> & {
      readonly kind: 'accepted';
      readonly peers: readonly PeerEndpoint[];
    })
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly message: string };

/** All swarms: what an announce or a scrape does, whichever way it came. */
export class Registry {
  readonly ownSeeds = new OwnSeeds();
  readonly #deps: RegistryDeps;
  readonly #config: RegistryConfig;
  readonly #swarms = new Map<string, Swarm>();
  /** Oldest first. */
  readonly #past = new Map<string, SwarmTotals>();
  #peerCount = 0;

  constructor(deps: RegistryDeps, config: RegistryConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  /** Those that have peers. */
  get swarms(): ReadonlyMap<string, Swarm> {
    return this.#swarms;
  }

  /** Torrents with figures or own seeds but, maybe, without peers. */
  knownInfohashes(): ReadonlySet<string> {
    return new Set([...this.#swarms.keys(), ...this.#past.keys(), ...this.ownSeeds.infohashes()]);
  }

  totalsOf(infohash: string): SwarmTotals {
    return this.#swarms.get(infohash)?.totals ?? this.#past.get(infohash) ?? noTotals;
  }

  /** Own seeds included. */
  countsOf(infohash: string): Omit<ScrapeEntry, 'infohash'> {
    const swarm = this.#swarms.get(infohash);
    const seeds = (swarm?.seeds.length ?? 0) + this.ownSeeds.count(infohash);
    const { completed } = this.totalsOf(infohash);
    return { seeds, leechers: swarm?.leechers.length ?? 0, completed };
  }

  announce(request: AnnounceRequest): AnnounceOutcome {
    const { infohash } = request;
    if (!this.#deps.catalog.has(infohash)) return refuseUnknown(infohash);
    const swarm = this.#swarms.get(infohash) ?? new Swarm(this.#config, this.totalsOf(infohash));
    if (request.event !== 'stopped' && !this.#hasRoomFor(swarm, request)) return refuseFull();
    const completedBefore = swarm.totals.completed;
    this.#change(infohash, swarm, () => swarm.announce(request, this.#deps.nowMs()));
    if (swarm.totals.completed > completedBefore) this.#logCompleted(request);
    const peers = request.event === 'stopped' ? [] : this.#choosePeers(swarm, request);
    return { kind: 'accepted', ...this.countsOf(infohash), peers };
  }

  /** Zeros for a torrent that does not exist (BEP 48). */
  scrape(infohashes: readonly string[]): readonly ScrapeEntry[] {
    return infohashes.map((infohash) => ({ infohash, ...this.countsOf(infohash) }));
  }

  /** Takes out peers that have been silent, swarms that are empty, torrents no longer offered. */
  sweep(): void {
    const beforeMs = this.#deps.nowMs() - this.#config.silenceMs;
    for (const [infohash, swarm] of this.#swarms) {
      this.#change(infohash, swarm, () => swarm.expire(beforeMs));
    }
    for (const infohash of [...this.#swarms.keys(), ...this.#past.keys()]) {
      if (!this.#deps.catalog.has(infohash)) this.#forget(infohash);
    }
  }

  remove(infohash: string): void {
    this.#forget(infohash);
    this.ownSeeds.remove(infohash);
  }

  #forget(infohash: string): void {
    this.#peerCount -= this.#swarms.get(infohash)?.size ?? 0;
    this.#swarms.delete(infohash);
    this.#past.delete(infohash);
  }

  #hasRoomFor(swarm: Swarm, request: AnnounceRequest): boolean {
    if (swarm.find(peerKey(request)) !== undefined) return true;
    return this.#peerCount < this.#config.peers && swarm.hasRoomFor(request);
  }

  /** Keeps the count of all peers and the list of swarms in step with a change of one swarm. */
  #change(infohash: string, swarm: Swarm, change: () => void): void {
    const sizeBefore = swarm.size;
    change();
    this.#peerCount += swarm.size - sizeBefore;
    this.#past.delete(infohash);
    if (swarm.size > 0) this.#swarms.set(infohash, swarm);
    else this.#retire(infohash, swarm);
  }

  #retire(infohash: string, swarm: Swarm): void {
    this.#swarms.delete(infohash);
    if (swarm.totals.announces > 0) this.#past.set(infohash, swarm.totals);
    const [oldest] = this.#past.keys();
    if (this.#past.size > this.#config.pastSwarms && oldest !== undefined) {
      this.#past.delete(oldest);
    }
  }

  #choosePeers(swarm: Swarm, request: AnnounceRequest): readonly PeerEndpoint[] {
    const permanent = this.ownSeeds.endpointsFor(request.infohash, request);
    return swarm.choosePeers(request, permanent, this.#deps.random);
  }

  #logCompleted({ infohash, address, downloadedBytes }: AnnounceRequest): void {
    const name = this.#deps.catalog.nameOf(infohash);
    this.#deps.log.debug('peer completed', { ip: address, name, infohash, downloadedBytes });
  }
}

function refuseUnknown(infohash: string): AnnounceOutcome {
  const message = `expected the infohash of a torrent offered here, got ${infohash}; fetch the torrent again`;
  return { kind: 'refused', reason: 'unknown-infohash', message };
}

function refuseFull(): AnnounceOutcome {
  const message = 'expected room for one more peer, but there is none; announce again later';
  return { kind: 'refused', reason: 'too-many-peers', message };
}
