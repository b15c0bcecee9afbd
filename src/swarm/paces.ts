import type { Downloads } from './downloads.ts';
import type { LeecherLimits } from './leecher-limits.ts';
import type { Peer } from './peer.ts';
import { PeerPace } from './peer-pace.ts';

export type PacesDeps = {
  readonly downloads: Pick<Downloads, 'count' | 'countOf'>;
  readonly pieceLengthBytes: number;
  readonly limits: Pick<LeecherLimits, 'inFlightBytes'>;
  readonly nowMs: () => number;
};

const leastPerPeer = 1;
const leastPerFrontend = 8;
const mostPerPeer = 128;
/**
 * What a peer is asked for beforehand waits at its door behind what others were promised: the more, the
 * later a piece is here that has just left the frontend.
 */
const queueMs = 200;
/** A piece that comes sooner did not wait. */
const quickMs = queueMs / 2;
/** Not so much that one who hangs a moment later has most of what is on its way. */
const mostTried = 8;
const leastInFlightBytes = 4 * 1024 * 1024;
const measureMs = 250;
/** After which nothing counts as coming. */
const silentMs = 1000;
const longestArrivalMs = 5000;

/** How fast each peer is, and so how much it may be asked for at a time. */
export class Paces implements Iterable<[Peer, PeerPace]> {
  readonly #deps: PacesDeps;
  readonly #paces = new Map<Peer, PeerPace>();
  #measuredAtMs: number;
  #bytesPerMs = 0;

  constructor(deps: PacesDeps) {
    this.#deps = deps;
    this.#measuredAtMs = deps.nowMs();
  }

  [Symbol.iterator](): Iterator<[Peer, PeerPace]> {
    return this.#paces.entries();
  }

  /** At which all comes together. */
  get bytesPerMs(): number {
    return this.#bytesPerMs;
  }

  add(peer: Peer): void {
    this.#paces.set(peer, new PeerPace(this.#deps.nowMs()));
  }

  remove(peer: Peer): void {
    this.#paces.delete(peer);
  }

  of(peer: Peer): PeerPace | undefined {
    return this.#paces.get(peer);
  }

  /** What a frontend shows leaves it only once: its port never waits for ours. */
  hasRoom(peer: Peer): boolean {
    if (peer.frontend) return true;
    const { downloads, pieceLengthBytes, limits } = this.#deps;
    const worth = this.#bytesPerMs * queueMs;
    const bytes = Math.min(limits.inFlightBytes, Math.max(leastInFlightBytes, worth));
    return downloads.count * pieceLengthBytes < bytes;
  }

  /** How many pieces more the peer may be asked for; negative when it has too many waiting. */
  roomOf(peer: Peer): number {
    const { downloads, pieceLengthBytes } = this.#deps;
    const pace = this.#paces.get(peer);
    if (pace === undefined) return 0;
    const worth = Math.ceil((pace.bytesPerMs * queueMs) / pieceLengthBytes);
    const blocks = Math.ceil(pieceLengthBytes / peer.blockBytes);
    const queue = Math.floor((peer.extended?.requestQueueLength ?? 250) / blocks);
    const most = Math.max(1, Math.min(mostPerPeer, queue));
    if (!pace.isCredible) return 1 - downloads.countOf(peer);
    const least = peer.frontend ? leastPerFrontend : leastPerPeer;
    const tried = Math.min(pace.tried, Math.max(mostTried, 2 * worth));
    return Math.min(most, Math.max(least, worth, tried)) - downloads.countOf(peer);
  }

  /** A piece has come from this peer, after so long. */
  noteDone(peer: Peer, tookMs: number): void {
    if (tookMs < quickMs) this.#paces.get(peer)?.cameQuickly();
  }

  /** How long so much takes on its way here at the rate at which all comes; 0 when nothing does. */
  arrivalMs(bytes: number, nowMs: number): number {
    const paces = [...this.#paces.values()];
    const isComing = paces.some(({ lastBytesAtMs }) => nowMs - lastBytesAtMs < silentMs);
    if (!isComing || this.#bytesPerMs === 0) return 0;
    return Math.min(longestArrivalMs, bytes / this.#bytesPerMs);
  }

  measure(nowMs: number): void {
    const elapsedMs = nowMs - this.#measuredAtMs;
    if (elapsedMs < measureMs) return;
    this.#measuredAtMs = nowMs;
    this.#bytesPerMs = 0;
    for (const [peer, pace] of this.#paces) {
      pace.measure(peer.receivedBytes, elapsedMs);
      this.#bytesPerMs += pace.bytesPerMs;
    }
  }
}
