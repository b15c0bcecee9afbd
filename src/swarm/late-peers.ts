import type { Downloads } from './downloads.ts';
import type { Paces } from './paces.ts';
import type { Peer } from './peer.ts';
import type { PeerPace } from './peer-pace.ts';

export type LatePeersDeps = {
  readonly downloads: Pick<Downloads, 'oldestMsOf'>;
  readonly paces: Iterable<[Peer, PeerPace]> & Pick<Paces, 'of'>;
  readonly offenders: { readonly noteLate: (peer: Peer, isSilent: boolean) => void };
};

const shortestLateMs = 2000;
const longestLateMs = 15_000;
/** Nobody is given up for less. */
const silentMs = 4000;
/** Before it is known how long a piece takes. */
const firstLateMs = 3000;
const times = 5;

/** Names peers that give nothing, or so many times as slowly as others do. */
export class LatePeers {
  readonly #deps: LatePeersDeps;
  #lateMs = firstLateMs;

  constructor(deps: LatePeersDeps) {
    this.#deps = deps;
  }

  /** So long a peer may give nothing at all under requests; on slow lines all take long. */
  get silentMs(): number {
    return Math.max(silentMs, this.#lateMs);
  }

  /** A piece has come from this peer, after so long; and how long pieces take in the mean. */
  noteDone(peer: Peer, tookMs: number, meanMs: number): void {
    this.#lateMs = Math.min(longestLateMs, Math.max(shortestLateMs, meanMs * times));
    const pace = this.#deps.paces.of(peer);
    if (pace?.isNamed === true && tookMs < this.#lateMs) pace.isNamed = false;
  }

  /** When most let us wait it is our own line that is slow, or what we share with them. */
  tick(nowMs: number): void {
    const late: Peer[] = [];
    let inTime = 0;
    for (const [peer, { lastBytesAtMs }] of this.#deps.paces) {
      if (nowMs - this.#deps.downloads.oldestMsOf(peer, nowMs) >= this.#lateMs) late.push(peer);
      else if (peer.receivedBytes > 0 && nowMs - lastBytesAtMs < this.#lateMs) inTime += 1;
    }
    if (late.length > Math.max(1, inTime)) return;
    for (const peer of late) this.#name(peer, nowMs);
  }

  #name(peer: Peer, nowMs: number): void {
    const pace = this.#deps.paces.of(peer);
    if (pace === undefined || pace.isNamed) return;
    pace.isNamed = true;
    this.#deps.offenders.noteLate(peer, nowMs - pace.lastBytesAtMs >= this.#lateMs);
  }
}
