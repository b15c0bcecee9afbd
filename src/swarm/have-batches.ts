import type { Clock, Timer } from '../runtime/clock.ts';
import type { Peer } from './peer.ts';

const rareDelayMs = 10;
const commonDelayMs = 200;

/**
 * Tells peers of new pieces and of lost ones, many at a time. A piece that hardly anybody has is
 * told soon, for others wait for it; one that is common can wait. Nobody is told of what he has
 * himself, but the frontend: it takes the news as the receipt for what it gave.
 */
export class HaveBatches {
  readonly #peers: () => Iterable<Peer>;
  readonly #isHeld: (piece: number) => boolean;
  #pending: number[] = [];
  readonly #lost = new Set<number>();
  /** What a peer has lost that was not told him while he had it himself. */
  readonly #missed = new Map<Peer, Set<number>>();
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #dueAtMs = 0;

  constructor(peers: () => Iterable<Peer>, isHeld: (piece: number) => boolean, clock: Clock) {
    this.#clock = clock;
    this.#peers = peers;
    this.#isHeld = isHeld;
  }

  add(piece: number, rare: boolean): void {
    this.#pending.push(piece);
    this.#sendWithin(rare ? rareDelayMs : commonDelayMs);
  }

  /** Who asks for it before this is told gets a refusal. */
  lose(piece: number): void {
    this.#lost.add(piece);
    this.#sendWithin(commonDelayMs);
  }

  /** A peer has lost the piece, and may not know that it is here. */
  remind(peer: Peer, piece: number): void {
    const missed = this.#missed.get(peer) ?? new Set();
    this.#missed.set(peer, missed.add(piece));
    this.#sendWithin(commonDelayMs);
  }

  forget(peer: Peer): void {
    this.#missed.delete(peer);
  }

  close(): void {
    this.#timer?.cancel();
  }

  #sendWithin(delayMs: number): void {
    const dueAtMs = this.#clock.nowMs() + delayMs;
    if (this.#timer !== undefined && this.#dueAtMs <= dueAtMs) return;
    this.#timer?.cancel();
    this.#dueAtMs = dueAtMs;
    this.#timer = this.#clock.after(delayMs, () => this.#send());
  }

  #send(): void {
    const pieces = this.#pending;
    // What has come again meanwhile is not lost, what has gone since it came is not news.
    const lost = [...this.#lost].filter((piece) => !this.#isHeld(piece));
    const held = pieces.filter(this.#isHeld);
    this.#pending = [];
    this.#lost.clear();
    this.#timer = undefined;
    for (const peer of this.#peers()) {
      const missed = [...(this.#missed.get(peer) ?? [])].filter(this.#isHeld);
      const isNews = (piece: number) => !peer.pieces.has(piece);
      const news = peer.frontend ? pieces : [...held, ...missed].filter(isNews);
      if (news.length > 0) peer.sendHaves(news);
      if (lost.length > 0) peer.sendDonthaves(lost);
    }
    this.#missed.clear();
  }
}
