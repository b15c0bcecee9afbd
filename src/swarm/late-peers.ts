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
/** Before it is known how long a piece takes. */
const firstLateMs = 3000;
const times = 5;
/** Nobody is given up for less. */
const silentMs = 4000;
/** When nobody gives anything for so long, or a quarter of what is late, it is our own line. */
const shortestStallMs = 500;
/** The tracker waits for a second voice, and may not have heard the first. */
const againMs = 10_000;

/** Names peers that give nothing, or so many times as slowly as others do. */
export class LatePeers {
  readonly #deps: LatePeersDeps;
  #lateMs = firstLateMs;
  #meanMs: number | undefined;
  #heardAtMs: number | undefined;
  /** Since when something comes, from whomever. */
  #upSinceMs = Number.NEGATIVE_INFINITY;

  constructor(deps: LatePeersDeps) {
    this.#deps = deps;
  }

  /** Who has given nothing at all under requests for too long; on slow lines all take long. */
  silentAt(nowMs: number): Peer[] {
    const sinceMs = nowMs - Math.max(silentMs, this.#lateMs);
    const isAsked = (peer: Peer) => this.#deps.downloads.oldestMsOf(peer, nowMs) < nowMs;
    return [...this.#deps.paces].flatMap(([peer, { lastBytesAtMs }]) =>
      lastBytesAtMs <= sinceMs && isAsked(peer) ? [peer] : [],
    );
  }

  /** Something has come from this peer. */
  noteBytes(peer: Peer, nowMs: number): void {
    this.#deps.paces.of(peer)?.gave(nowMs);
    if (this.#isStalled(nowMs)) this.#upSinceMs = nowMs;
    this.#heardAtMs = nowMs;
  }

  /** A piece has come from this peer, after so long. */
  noteDone(peer: Peer, tookMs: number): void {
    this.#meanMs = this.#meanMs === undefined ? tookMs : this.#meanMs * 0.9 + tookMs * 0.1;
    this.#lateMs = Math.min(longestLateMs, Math.max(shortestLateMs, this.#meanMs * times));
    const pace = this.#deps.paces.of(peer);
    if (pace !== undefined && tookMs < this.#lateMs) pace.namedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Where several let us wait, two have to give, or it is what we share with them that is slow. */
  tick(nowMs: number): void {
    if (this.#isStalled(nowMs)) return;
    const late: Peer[] = [];
    let inTime = 0;
    for (const [peer, { gaveAtMs }] of this.#deps.paces) {
      if (this.#isLate(peer, nowMs)) late.push(peer);
      else if (nowMs - gaveAtMs < this.#lateMs) inTime += 1;
    }
    if (late.length > 1 && inTime < 2) return;
    for (const peer of late) this.#name(peer, nowMs);
  }

  #isStalled(nowMs: number): boolean {
    const longestMs = Math.max(shortestStallMs, this.#lateMs / 4);
    return this.#heardAtMs !== undefined && nowMs - this.#heardAtMs >= longestMs;
  }

  #isLate(peer: Peer, nowMs: number): boolean {
    if (peer.frontend) return false;
    const askedAtMs = this.#deps.downloads.oldestMsOf(peer, nowMs);
    return nowMs - Math.max(askedAtMs, this.#upSinceMs) >= this.#lateMs;
  }

  #name(peer: Peer, nowMs: number): void {
    const pace = this.#deps.paces.of(peer);
    if (pace === undefined || nowMs - pace.namedAtMs < againMs) return;
    pace.namedAtMs = nowMs;
    this.#deps.offenders.noteLate(peer, nowMs - pace.gaveAtMs >= this.#lateMs);
  }
}
