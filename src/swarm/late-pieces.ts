import type { Clock, Timer } from '../runtime/clock.ts';
import type { FallbackFetcher } from './fallback-fetcher.ts';
import type { Peer } from './peer.ts';
import type { Requests } from './requests.ts';
import type { Wants } from './wants.ts';

export type LatePiecesDeps = {
  readonly wants: Pick<Wants, 'waiting' | 'overdue' | 'ranges'>;
  readonly requests: Pick<Requests, 'overdueMs' | 'arrivalMs' | 'tick' | 'isCredible'>;
  readonly fetcher: Pick<FallbackFetcher, 'fetch' | 'close'>;
  readonly peers: () => Iterable<Peer> & { readonly size: number };
  readonly mayReadAhead: () => boolean;
  readonly clock: Clock;
};

/**
 * What is wanted is batched before the frontend hears of it: in a large swarm it has many to listen
 * to, and each of them is fed by many others.
 */
const leastWantsDelayMs = 30;
const wantsDelayMsPerPeer = 4;
/** Who has said nothing for so long begins something: that is not held back. */
const quietMs = 1000;
/** So long a node waits for a way into the swarm before it fetches from the frontend by HTTP. */
const nobodyMs = 300;
const alone = { requests: 4, piecesEach: 16 };
const inCompany = { requests: 2, piecesEach: 2 };

/**
 * What the installer has waited for too long: it is asked of a second peer, behind uplinks of one in
 * the own rack while any there has it, and the frontend is told so. After twice as long it is asked
 * of whoever has it, and fetched by HTTP. Where no frontend is in the swarm, what no peer has, or
 * only such as do not answer, is fetched by HTTP at once.
 */
export class LatePieces {
  readonly #deps: LatePiecesDeps;
  #overdue: readonly number[] = [];
  #timer: Timer | undefined;
  #toldAtMs = Number.NEGATIVE_INFINITY;
  #withoutFrontendSinceMs: number;
  #withoutFrontend = false;

  constructor(deps: LatePiecesDeps) {
    this.#deps = deps;
    this.#withoutFrontendSinceMs = deps.clock.nowMs();
  }

  /** To be called every 100 ms. */
  tick(nowMs: number): void {
    const { wants, requests } = this.#deps;
    // What a slow line still has to bring before it does not make a piece late: to fetch that a
    // second time would make the line slower.
    const lateMs = requests.overdueMs + requests.arrivalMs(wants.waiting().length);
    this.#overdue = wants.overdue(nowMs, lateMs);
    const neglected = wants.overdue(nowMs, lateMs * 2);
    requests.tick(this.#overdue, neglected);
    if (this.#overdue.length > 0) this.tellSoon();
    this.#fetch(nowMs, neglected);
  }

  /** Something new is waited for. */
  tellSoon(): void {
    if (this.#withoutFrontend) this.#fetchMissing();
    if (this.#timer !== undefined) return;
    if (this.#deps.clock.nowMs() - this.#toldAtMs >= quietMs) return this.tell();
    const delayMs = Math.max(leastWantsDelayMs, wantsDelayMsPerPeer * this.#deps.peers().size);
    this.#timer = this.#deps.clock.after(delayMs, () => {
      this.#timer = undefined;
      this.tell();
    });
  }

  /** Tells frontends what is wanted, the late ones first. */
  tell(): void {
    this.#toldAtMs = this.#deps.clock.nowMs();
    const ranges = this.#deps.wants.ranges(this.#overdue, this.#deps.mayReadAhead());
    for (const peer of this.#deps.peers()) if (peer.frontend) peer.sendWants(ranges);
  }

  close(): void {
    this.#timer?.cancel();
    this.#deps.fetcher.close();
  }

  #fetch(nowMs: number, neglected: readonly number[]): void {
    const { fetcher } = this.#deps;
    if (this.#crediblePeers().some((peer) => peer.frontend)) this.#withoutFrontendSinceMs = nowMs;
    this.#withoutFrontend = nowMs - this.#withoutFrontendSinceMs >= nobodyMs;
    if (this.#withoutFrontend) this.#fetchMissing();
    fetcher.fetch(neglected, inCompany);
  }

  #fetchMissing(): void {
    const { fetcher, wants } = this.#deps;
    const peers = this.#crediblePeers();
    const isNowhere = (piece: number) => !peers.some((peer) => peer.pieces.has(piece));
    fetcher.fetch(wants.waiting().filter(isNowhere), alone);
  }

  #crediblePeers(): Peer[] {
    return [...this.#deps.peers()].filter((peer) => this.#deps.requests.isCredible(peer));
  }
}
