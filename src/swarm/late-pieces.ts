import type { FallbackFetcher } from './fallback-fetcher.ts';
import type { Peer } from './peer.ts';
import type { Requests } from './requests.ts';
import type { Wants } from './wants.ts';

export type LatePiecesDeps = {
  readonly wants: Wants;
  readonly requests: Requests;
  readonly fetcher: FallbackFetcher;
  readonly peers: () => Iterable<Peer>;
  readonly mayReadAhead: () => boolean;
};

/** Haste is batched for so long before the frontend hears of it. */
const wantsDelayMs = 30;
/** So long the swarm has before a piece that nobody offers is fetched from the frontend. */
const nobodyMs = 300;
const alone = { requests: 4, piecesEach: 16 };
const inCompany = { requests: 2, piecesEach: 2 };

/**
 * What the installer has waited for too long: it is asked of a second peer, the frontend is told
 * so, and at last it is fetched by HTTP. When no peer offers anything, HTTP comes at once.
 */
export class LatePieces {
  readonly #deps: LatePiecesDeps;
  #overdue: readonly number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: LatePiecesDeps) {
    this.#deps = deps;
  }

  /** To be called every 100 ms. */
  tick(nowMs: number): void {
    const { wants, requests } = this.#deps;
    this.#overdue = wants.overdue(nowMs, requests.overdueMs);
    requests.tick(this.#overdue);
    if (this.#overdue.length > 0) this.tellSoon();
    this.#fetch(nowMs);
  }

  tellSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.tell();
    }, wantsDelayMs);
  }

  /** Tells frontends what is wanted, the late ones first. */
  tell(): void {
    const ranges = this.#deps.wants.ranges(this.#overdue, this.#deps.mayReadAhead());
    for (const peer of this.#deps.peers()) if (peer.frontend) peer.sendWants(ranges);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#deps.fetcher.close();
  }

  #fetch(nowMs: number): void {
    const { fetcher, wants, requests } = this.#deps;
    const isOffered = [...this.#deps.peers()].some(
      (peer) => peer.unchoked && (peer.frontend || peer.pieces.count > 0),
    );
    if (isOffered) fetcher.fetch(wants.overdue(nowMs, requests.overdueMs * 2), inCompany);
    else fetcher.fetch(wants.overdue(nowMs, nobodyMs), alone);
  }
}
