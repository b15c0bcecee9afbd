import type { Clock, Timer } from '../runtime/clock.ts';
import type { Peer } from './peer.ts';
import { RackClaims } from './rack-claims.ts';
import { RackHelp } from './rack-help.ts';
import { RackOrder } from './rack-order.ts';

/** What is to be known of a peer. */
export type RackPeer = Pick<Peer, 'id' | 'pieces' | 'frontend' | 'sendClaims'> & {
  readonly extended: { readonly rack: number | undefined } | undefined;
};

export type OwnRackDeps = {
  readonly pieceCount: number;
  readonly ownId: string;
  readonly peers: () => Iterable<RackPeer>;
  /** About how long a piece takes from when it is asked for. */
  readonly pieceMs: () => number;
  readonly clock: Clock;
};

/** A turn is as long as a piece takes twice: meanwhile it is heard who has begun. */
const shortestTurnMs = 50;
const longestTurnMs = 2000;
/** Two that choose the same piece within it fetch it both, until they hear of each other. */
const tellMs = 10;
/** Above some 40, more are only more to tell and to hear; among other racks mates need each other. */
const mostPeers = { alone: 45, amongOthers: 60 };

/**
 * What crosses a rack's uplink crosses it once. Whether this machine imports a piece, that is
 * fetches it from outside of its rack, by these rules:
 *
 * 1. As long as it is not known which rack this is, everybody is inside.
 * 2. Not while a mate, a machine of the same rack, holds it, if that is to be believed: who says that
 *    it has much, and has given nothing yet, or nothing of late, is nobody's mate.
 * 3. Each piece has an order of its own in which the machines of a rack come. The first imports it.
 *    Those before this machine may not want it, or see it at nobody, or be stalled: when each of
 *    them has had a turn, this machine helps, with one piece at a time (see rack-picker.ts), and
 *    not for a while when that was not needed (see rack-help.ts).
 * 4. Who begins tells the others and the frontend, which then leave it to him for three seconds,
 *    once for each piece.
 * 5. What an installer has waited for too long is imported out of turn, except while a mate holds it
 *    or has claimed it; after twice as long, whatever mates say (see requests.ts, late-pieces.ts).
 * 6. Where nobody is outside but the frontend, there is nothing to tell.
 */
export class OwnRack {
  readonly #deps: OwnRackDeps;
  #number: number | undefined;
  readonly #mates = new Set<RackPeer>();
  /** They cannot be asked for anything, or have lately given nothing. */
  readonly #untrusted = new WeakSet<RackPeer>();
  #isAlone = true;
  /** Somebody has said that he is in another rack. */
  #hasMetOthers = false;
  /** How many mates hold each piece. */
  readonly #copies: Uint16Array;
  readonly #claims: RackClaims<RackPeer>;
  readonly #help = new RackHelp();
  readonly #order: RackOrder;
  /** When this machine first had nothing better to import than a piece; negative: not yet. */
  readonly #consideredAtMs: Float64Array;
  #untold: number[] = [];
  #timer: Timer | undefined;
  #changes = 0;

  constructor(deps: OwnRackDeps) {
    this.#deps = deps;
    this.#copies = new Uint16Array(deps.pieceCount);
    this.#claims = new RackClaims(deps.pieceCount);
    this.#order = new RackOrder(deps.ownId, deps.pieceCount);
    this.#consideredAtMs = new Float64Array(deps.pieceCount).fill(-1);
  }

  get number(): number | undefined {
    return this.#number;
  }

  /** How many peers to have at most; it never falls. */
  get mostPeers(): number {
    return this.#hasMetOthers ? mostPeers.amongOthers : mostPeers.alone;
  }

  /** Grows whenever a piece may be imported that could not be before. */
  get changes(): number {
    return this.#changes;
  }

  /** Which rack this is; false: that is no news. */
  settle(number: number): boolean {
    if (number === this.#number) return false;
    this.#number = number;
    for (const peer of this.#deps.peers()) this.place(peer);
    return true;
  }

  /** The peer has said where it is. */
  place(peer: RackPeer): void {
    if (this.#number === undefined) return;
    const theirs = peer.extended?.rack;
    const isThere = theirs === this.#number;
    if (theirs !== undefined && !isThere) this.#hasMetOthers = true;
    const isMate = isThere && !this.#untrusted.has(peer);
    if (isMate === this.#mates.has(peer)) return;
    if (!isMate) return this.gone(peer);
    this.#mates.add(peer);
    this.#order.add(peer.id);
    this.#countAll(peer, 1);
    this.#changes += 1;
  }

  /** Whether it gives what it says that it has: if not, nobody waits for it. */
  trust(peer: RackPeer, isTrusted: boolean): void {
    if (isTrusted) this.#untrusted.delete(peer);
    else this.#untrusted.add(peer);
    this.place(peer);
  }

  gone(peer: RackPeer): void {
    if (!this.#mates.delete(peer)) return;
    this.#order.remove(peer.id);
    this.#countAll(peer, -1);
    this.#claims.forget(peer);
    this.#changes += 1;
  }

  isOutside(peer: RackPeer): boolean {
    return this.#number !== undefined && !this.#mates.has(peer);
  }

  peerHas(peer: RackPeer, pieces: readonly number[]): void {
    if (!this.#mates.has(peer)) return;
    const nowMs = this.#deps.clock.nowMs();
    for (const piece of pieces) {
      this.#count(piece, 1);
      this.#claims.delete(piece);
      this.#help.noteElsewhere(piece, nowMs);
    }
  }

  peerLost(peer: RackPeer, piece: number): void {
    if (!this.#mates.has(peer)) return;
    this.#count(piece, -1);
    this.#changes += 1;
  }

  /** No mate holds it, or is about to. */
  isNowhere(piece: number): boolean {
    return this.#copies[piece] === 0 && !this.#claims.has(piece);
  }

  /** Where it is nowhere, this machine is the first to import it. */
  isOurs(piece: number): boolean {
    return this.#order.countBefore(piece) === 0;
  }

  /** It is nowhere, and those before this machine have let it pass since this was first asked. */
  mayImport(piece: number): boolean {
    const nowMs = this.#deps.clock.nowMs();
    if (!this.isNowhere(piece)) return false;
    if (!this.isOurs(piece) && this.#help.isPaused(nowMs)) return false;
    const sinceMs = this.#consideredAtMs[piece] ?? -1;
    if (sinceMs < 0) this.#consideredAtMs[piece] = nowMs;
    const turnMs = Math.min(longestTurnMs, Math.max(shortestTurnMs, 2 * this.#deps.pieceMs()));
    return nowMs - (sinceMs < 0 ? nowMs : sinceMs) >= this.#order.countBefore(piece) * turnMs;
  }

  /** This machine imports the piece: the others are told. */
  claim(piece: number): void {
    if (this.#mates.size === 0 || this.#isAlone) return;
    if (!this.isOurs(piece)) this.#help.begin(piece);
    this.#untold.push(piece);
    this.#timer ??= this.#deps.clock.after(tellMs, () => this.#tell());
  }

  /** The piece is here. */
  brought(piece: number): void {
    if (this.#help.end(piece)) this.#changes += 1;
  }

  /** A mate imports these. */
  claimed(peer: RackPeer, pieces: readonly number[]): void {
    if (!this.#mates.has(peer)) return;
    const nowMs = this.#deps.clock.nowMs();
    for (const piece of pieces) if (this.isNowhere(piece)) this.#claims.add(peer, piece, nowMs);
  }

  /** To be called every 100 ms. */
  tick(): void {
    this.#claims.expire(this.#deps.clock.nowMs());
    this.#isAlone = ![...this.#deps.peers()].some((peer) => !peer.frontend && this.isOutside(peer));
    // Somebody's turn may have come.
    if (this.#mates.size > 0 && !this.#isAlone) this.#changes += 1;
  }

  close(): void {
    this.#timer?.cancel();
  }

  #tell(): void {
    const pieces = this.#untold;
    this.#untold = [];
    this.#timer = undefined;
    for (const peer of this.#deps.peers()) {
      if (!this.#mates.has(peer) && !peer.frontend) continue;
      const news = pieces.filter((piece) => !peer.pieces.has(piece));
      if (news.length > 0) peer.sendClaims(news);
    }
  }

  /** A mate comes or goes with all that it has. */
  #countAll(peer: RackPeer, change: 1 | -1): void {
    for (let piece = 0; piece < this.#deps.pieceCount; piece += 1) {
      if (peer.pieces.has(piece)) this.#count(piece, change);
    }
  }

  #count(piece: number, change: 1 | -1): void {
    this.#copies[piece] = Math.max(0, (this.#copies[piece] ?? 0) + change);
  }
}
