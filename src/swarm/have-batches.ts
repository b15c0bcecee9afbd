import type { Peer } from './peer.ts';

const rareDelayMs = 40;
const commonDelayMs = 200;

/**
 * Tells peers of new pieces, many at a time. A piece that hardly anybody has is told soon, for
 * others wait for it; one that is common can wait. Nobody is told of what he has himself, but the
 * frontend: it takes the news as the receipt for what it gave.
 */
export class HaveBatches {
  readonly #peers: () => Iterable<Peer>;
  readonly #isHeld: (piece: number) => boolean;
  #pending: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs = 0;

  constructor(peers: () => Iterable<Peer>, isHeld: (piece: number) => boolean) {
    this.#peers = peers;
    this.#isHeld = isHeld;
  }

  add(piece: number, rare: boolean): void {
    this.#pending.push(piece);
    const delayMs = rare ? rareDelayMs : commonDelayMs;
    const dueAtMs = performance.now() + delayMs;
    if (this.#timer !== undefined && this.#dueAtMs <= dueAtMs) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = dueAtMs;
    this.#timer = setTimeout(() => this.#send(), delayMs);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #send(): void {
    const pieces = this.#pending;
    this.#pending = [];
    this.#timer = undefined;
    // Some may have been driven out meanwhile; that was said before this could be.
    const held = pieces.filter(this.#isHeld);
    for (const peer of this.#peers()) {
      const news = peer.frontend ? pieces : held.filter((piece) => !peer.pieces.has(piece));
      if (news.length > 0) peer.sendHaves(news);
      if (!peer.frontend || held.length === pieces.length) continue;
      for (const piece of pieces) if (!this.#isHeld(piece)) peer.sendDonthave(piece);
    }
  }
}
