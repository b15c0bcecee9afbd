import type { AnnounceRequest } from './announce-request.ts';
import { isSeed, nextPeer, type Peer, type PeerEndpoint, peerKey } from './peer.ts';
import { choosePeers } from './peer-handout.ts';
import { PeerPool } from './peer-pool.ts';
import { RateWindow } from './rate-window.ts';
import { canReach, type Reach, reachOf } from './reach.ts';
import { addAnnounce, noTotals, type SwarmTotals } from './transfer-totals.ts';

export type SwarmLimits = {
  readonly peersPerSwarm: number;
  /** One machine must not be able to take all places. */
  readonly peersPerAddress: number;
};

/** The peers of one torrent that announce to this tracker. */
export class Swarm {
  readonly rate = new RateWindow();
  readonly #limits: SwarmLimits;
  readonly #seeds = new PeerPool();
  readonly #leechers = new PeerPool();
  readonly #perAddress = new Map<string, number>();
  readonly #perReach = new Map<Reach, number>();
  #totals: SwarmTotals;

  constructor(limits: SwarmLimits, totals: SwarmTotals = noTotals) {
    this.#limits = limits;
    this.#totals = totals;
  }

  get totals(): SwarmTotals {
    return this.#totals;
  }

  get seeds(): readonly Peer[] {
    return this.#seeds.peers;
  }

  get leechers(): readonly Peer[] {
    return this.#leechers.peers;
  }

  get size(): number {
    return this.seeds.length + this.leechers.length;
  }

  find(key: string): Peer | undefined {
    return this.#seeds.get(key) ?? this.#leechers.get(key);
  }

  /** For a peer that is not in it yet. */
  hasRoomFor(request: AnnounceRequest): boolean {
    const fromThere = this.#perAddress.get(request.address) ?? 0;
    return this.size < this.#limits.peersPerSwarm && fromThere < this.#limits.peersPerAddress;
  }

  /** Notes what the peer says; `stopped` takes it out. */
  announce(request: AnnounceRequest, nowMs: number): Peer {
    const known = this.find(peerKey(request));
    const previous = known?.peerId === request.peerId ? known : undefined;
    const peer = nextPeer(previous, request, nowMs);
    this.rate.add(nowMs);
    if (request.event === 'stopped' && previous === undefined) return peer;
    this.#totals = addAnnounce(this.#totals, previous, peer);
    if (known !== undefined) this.#remove(known);
    if (request.event !== 'stopped') this.#add(peer);
    return peer;
  }

  /** Takes out those that have not announced since. */
  expire(beforeMs: number): void {
    const silent = [...this.seeds, ...this.leechers].filter((p) => p.announcedAtMs < beforeMs);
    for (const peer of silent) this.#remove(peer);
  }

  choosePeers(
    request: AnnounceRequest,
    permanent: readonly PeerEndpoint[],
    random: () => number,
  ): readonly PeerEndpoint[] {
    const own = peerKey(request);
    return choosePeers<PeerEndpoint>({
      askerIsSeed: isSeed(request),
      isAsker: (peer) => peer.peerId === request.peerId || peerKey(peer) === own,
      permanent,
      seeds: this.#reachable(this.seeds, request),
      leechers: this.#reachable(this.leechers, request),
      wanted: request.wanted,
      random,
    });
  }

  /** The list itself in the usual case, where all peers are alike, so that nothing is copied. */
  #reachable(peers: readonly Peer[], request: AnnounceRequest): readonly Peer[] {
    const asker = reachOf(request.address);
    const usable = (reach: Reach) => canReach(reach, asker, request.family);
    if (this.#perReach.keys().every(usable)) return peers;
    return peers.filter((peer) => usable(peer.reach));
  }

  #add(peer: Peer): void {
    (isSeed(peer) ? this.#seeds : this.#leechers).set(peer);
    addTo(this.#perAddress, peer.address, 1);
    addTo(this.#perReach, peer.reach, 1);
  }

  #remove(peer: Peer): void {
    (isSeed(peer) ? this.#seeds : this.#leechers).delete(peer.key);
    addTo(this.#perAddress, peer.address, -1);
    addTo(this.#perReach, peer.reach, -1);
  }
}

function addTo<Key>(counts: Map<Key, number>, key: Key, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
