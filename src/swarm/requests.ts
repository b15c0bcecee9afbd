import type { Demand } from './demand.ts';
import type { Download, Downloads } from './downloads.ts';
import { LatePeers, type LatePeersDeps } from './late-peers.ts';
import type { LeecherLimits } from './leecher-limits.ts';
import type { OwnRack } from './own-rack.ts';
import { Paces } from './paces.ts';
import type { Peer } from './peer.ts';
import type { PieceBook } from './piece-book.ts';
import { RackPicker } from './rack-picker.ts';
import type { Surroundings } from './surroundings.ts';
import { listMissing } from './wants.ts';

/**
 * Whom to ask, and for how much at a time. Pieces are chosen late: a peer has few requests
 * waiting, more only when it is fast, so that what is rare or urgent a moment later finds room.
 */
export type RequestsDeps = {
  readonly book: PieceBook;
  readonly demand: Demand;
  readonly downloads: Downloads;
  readonly rack: OwnRack;
  readonly peers: () => Iterable<Peer>;
  readonly pieceLengthBytes: number;
  readonly limits: Pick<LeecherLimits, 'inFlightBytes'>;
  /** Pieces that come another way are not asked of peers. */
  readonly isElsewhere: (piece: number) => boolean;
  /** False while the store cannot keep up. */
  readonly mayAsk: () => boolean;
  readonly mayReadAhead: () => boolean;
  readonly offenders: LatePeersDeps['offenders'];
  readonly surroundings: Pick<Surroundings, 'clock' | 'random'>;
};

const mostUnproved = 32;
const lastPieces = 24;
const shortestOverdueMs = 400;
const longestOverdueMs = 2500;

export class Requests {
  readonly #deps: RequestsDeps;
  readonly #picker: RackPicker;
  readonly #paces: Paces;
  readonly #latePeers: LatePeers;
  readonly #nowMs: () => number;
  #pieceMs = longestOverdueMs;
  #readAhead = true;
  #flips = 0;
  #filledAt = -1;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
    this.#nowMs = deps.surroundings.clock.nowMs;
    this.#paces = new Paces({ ...deps, nowMs: this.#nowMs });
    this.#latePeers = new LatePeers({ ...deps, paces: this.#paces });
    const picker = {
      demand: deps.demand,
      held: deps.book.held,
      availability: deps.book.availability,
      isInFlight: (piece: number) => this.#isCredibleInFlight(piece) || deps.isElsewhere(piece),
      mayReadAhead: deps.mayReadAhead,
      random: deps.surroundings.random,
    };
    this.#picker = new RackPicker({ rack: deps.rack, downloads: deps.downloads, picker });
  }

  get bytesPerMs(): number {
    return this.#paces.bytesPerMs;
  }

  /** How long a piece takes from when it is asked for. */
  get pieceMs(): number {
    return this.#pieceMs;
  }

  /** How long a piece that is waited for may take before it is asked for again. */
  get overdueMs(): number {
    return Math.min(longestOverdueMs, Math.max(shortestOverdueMs, this.#pieceMs * 4));
  }

  /** How long so many pieces take on their way here. */
  arrivalMs(pieceCount: number): number {
    return this.#paces.arrivalMs(pieceCount * this.#deps.pieceLengthBytes, this.#nowMs());
  }

  add(peer: Peer): void {
    this.#paces.add(peer);
  }

  /** The peer has these pieces now. */
  noteOffer(peer: Peer, pieces: readonly number[]): void {
    this.#paces.of(peer)?.offer(pieces);
    this.#picker.offered(pieces);
    this.#deps.rack.trust(peer, this.isTrusted(peer));
  }

  remove(peer: Peer): void {
    this.#paces.remove(peer);
    this.#deps.downloads.drop(peer);
  }

  /** A block has come from this peer. */
  noteBytes(peer: Peer): void {
    this.#latePeers.noteBytes(peer, this.#nowMs());
    this.#deps.rack.trust(peer, this.isTrusted(peer));
  }

  /** False for a peer that can be asked for nothing, or has lately given nothing. */
  isCredible(peer: Peer): boolean {
    return peer.unchoked && this.#paces.of(peer)?.isCredible === true;
  }

  /** Whether it is believed what it has: much only of who has given something. */
  isTrusted(peer: Peer): boolean {
    const hasProved = peer.receivedBytes > 0 || peer.pieces.count <= mostUnproved;
    return hasProved && this.isCredible(peer);
  }

  /** A piece that was on its way came wrong, or not at all: others may be asked for it. */
  noteFailed(): void {
    this.#flips += 1;
  }

  noteDone({ peer, piece, startedAtMs }: Download): void {
    this.#deps.rack.brought(piece);
    const tookMs = this.#nowMs() - startedAtMs;
    this.#pieceMs = this.#pieceMs * 0.9 + tookMs * 0.1;
    this.#paces.noteDone(peer, tookMs);
    this.#latePeers.noteDone(peer, tookMs);
  }

  /** Asks this peer for as much as it may be asked. */
  fill(peer: Peer): void {
    if (!peer.unchoked || peer.wire.closed || !this.#deps.mayAsk()) return;
    const room = this.#paces.roomOf(peer);
    for (let asked = 0; asked < room && this.#paces.hasRoom(peer); asked += 1) {
      const piece = this.#choose(peer);
      if (piece === undefined) return;
      this.#start(peer, piece, this.#nowMs());
    }
  }

  #choose(peer: Peer): number | undefined {
    const pace = this.#paces.of(peer);
    const changes = this.#changes();
    const news = pace?.newsSince(changes);
    if (pace === undefined || news?.length === 0) return undefined;
    const piece = this.#picker.choose(peer, news, changes);
    if (piece === undefined) pace.noteDry(changes);
    return piece;
  }

  /** Grows whenever a peer that had nothing of use may have something after all. */
  #changes(): number {
    const { demand, downloads, book, rack } = this.#deps;
    const mayReadAhead = this.#deps.mayReadAhead();
    if (mayReadAhead !== this.#readAhead) {
      this.#readAhead = mayReadAhead;
      this.#flips += 1;
    }
    return demand.changes + downloads.givenUp + book.lost + rack.changes + this.#flips;
  }

  /** Asks everybody when there is something new to ask for. */
  fillNew(): void {
    if (this.#changes() !== this.#filledAt) this.fillAll();
  }

  /** The least burdened first, so that the next piece goes to who can send it soonest. */
  fillAll(): void {
    const { downloads, mayAsk } = this.#deps;
    this.#filledAt = mayAsk() ? this.#changes() : -1;
    const peers = [...this.#deps.peers()];
    peers.sort((one, other) => downloads.countOf(one) - downloads.countOf(other));
    for (const peer of peers) this.fill(peer);
  }

  /** Every 100 ms; `neglected` is what has been waited for for twice as long as makes it overdue. */
  tick(overdue: readonly number[], neglected: readonly number[]): void {
    const now = this.#nowMs();
    this.#paces.measure(now);
    this.#deps.rack.tick();
    this.#latePeers.tick(now);
    this.#giveUpSilent(now);
    for (const piece of overdue) {
      const isOutOfTurn = this.#deps.rack.isNowhere(piece) || neglected.includes(piece);
      this.#askAgain(piece, this.overdueMs, isOutOfTurn);
    }
    this.#askForLast();
    this.fillAll();
  }

  #askForLast(): void {
    const { demand, book, mayReadAhead } = this.#deps;
    const missing = listMissing(demand, book, lastPieces + 1);
    if (missing.length > lastPieces) return;
    const lateMs = Math.max(shortestOverdueMs, this.#pieceMs * 2);
    for (const piece of missing) {
      if (demand.isSoon(piece) || mayReadAhead()) this.#askAgain(piece, lateMs, false);
    }
  }

  #start(peer: Peer, piece: number, now: number): void {
    const { downloads, rack } = this.#deps;
    const pace = this.#paces.of(peer);
    if (pace !== undefined && downloads.countOf(peer) === 0) pace.lastBytesAtMs = now;
    downloads.start(peer, piece, now);
    if (rack.isOutside(peer) && this.isCredible(peer)) rack.claim(piece);
  }

  /** What only a peer on probation was asked for may be asked of anybody else. */
  #isCredibleInFlight(piece: number): boolean {
    if (!this.#deps.downloads.has(piece)) return false;
    return this.#deps.downloads.of(piece).some(({ peer }) => this.isCredible(peer));
  }

  /** Asks one more peer for a piece that is late, the least burdened that has it. */
  #askAgain(piece: number, lateMs: number, isOutOfTurn: boolean): void {
    const { downloads, book, rack } = this.#deps;
    const now = this.#nowMs();
    const [first, second] = downloads.of(piece);
    if (book.held.has(piece) || second !== undefined) return;
    if (first !== undefined && now - first.startedAtMs < lateMs) return;
    const mayImport = isOutOfTurn || rack.mayImport(piece);
    let best: Peer | undefined;
    for (const peer of this.#deps.peers()) {
      if (peer === first?.peer || !this.isCredible(peer) || !peer.pieces.has(piece)) continue;
      if (this.#paces.roomOf(peer) + 1 <= 0) continue;
      if (!mayImport && !peer.frontend && rack.isOutside(peer)) continue;
      if (best === undefined || this.#comesBefore(peer, best)) best = peer;
    }
    if (best !== undefined) this.#start(best, piece, now);
  }

  /** Of the own rack first, then the least burdened. */
  #comesBefore(one: Peer, other: Peer): boolean {
    const { downloads, rack } = this.#deps;
    const isOutside = rack.isOutside(one);
    if (isOutside !== rack.isOutside(other)) return !isOutside;
    return downloads.countOf(one) < downloads.countOf(other);
  }

  #giveUpSilent(now: number): void {
    const { downloads, rack } = this.#deps;
    for (const peer of this.#latePeers.silentAt(now)) {
      for (const download of downloads.ofPeer(peer)) downloads.abandon(download);
      this.#paces.of(peer)?.wentSilent();
      rack.trust(peer, false);
    }
  }
}
