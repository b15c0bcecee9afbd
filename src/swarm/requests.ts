import type { Demand } from './demand.ts';
import type { Download, Downloads } from './downloads.ts';
import type { Peer } from './peer.ts';
import { PeerPace } from './peer-pace.ts';
import type { PieceBook } from './piece-book.ts';
import { chooseFresh, choosePiece, type PickerState } from './piece-picker.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * Whom to ask, and for how much at a time. Pieces are chosen late: a peer has few requests
 * waiting, more only when it is fast, so that what is rare or urgent a moment later finds room.
 */
export type RequestsDeps = {
  readonly book: PieceBook;
  readonly demand: Demand;
  readonly downloads: Downloads;
  readonly peers: () => Iterable<Peer>;
  readonly pieceLengthBytes: number;
  /** Pieces that come another way are not asked of peers. */
  readonly isElsewhere: (piece: number) => boolean;
  /** False while the store cannot keep up. */
  readonly mayAsk: () => boolean;
  readonly mayReadAhead: () => boolean;
  readonly offenders: { readonly noteStalled: (peer: Peer) => void };
  readonly surroundings: Pick<Surroundings, 'clock' | 'random'>;
};

const leastPerPeer = 2;
const leastPerFrontend = 8;
const mostPerPeer = 64;
const queueMs = 400;
const leastInFlightBytes = 2 * 1024 * 1024;
const mostInFlightBytes = 8 * 1024 * 1024;
const silentMs = 4000;
const lastPieces = 24;
const lastPieceMs = 400;
const shortestOverdueMs = 400;
const longestOverdueMs = 2500;

export class Requests {
  readonly #deps: RequestsDeps;
  readonly #picker: PickerState;
  readonly #paces = new Map<Peer, PeerPace>();
  readonly #nowMs: () => number;
  #measuredAtMs: number;
  #bytesPerMs = 0;
  #pieceMs = longestOverdueMs;
  #readAhead = true;
  #flips = 0;
  #filledAt = -1;

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
    this.#nowMs = deps.surroundings.clock.nowMs;
    this.#measuredAtMs = this.#nowMs();
    this.#picker = {
      demand: deps.demand,
      held: deps.book.held,
      availability: deps.book.availability,
      isInFlight: (piece) => this.#isCredibleInFlight(piece) || deps.isElsewhere(piece),
      mayReadAhead: deps.mayReadAhead,
      random: deps.surroundings.random,
    };
  }

  /** How long a piece that is waited for may take before it is asked for again. */
  get overdueMs(): number {
    return Math.min(longestOverdueMs, Math.max(shortestOverdueMs, this.#pieceMs * 4));
  }

  add(peer: Peer): void {
    this.#paces.set(peer, new PeerPace(this.#nowMs()));
  }

  /** The peer has these pieces now. */
  noteOffer(peer: Peer, pieces: readonly number[]): void {
    this.#paces.get(peer)?.offer(pieces);
  }

  remove(peer: Peer): void {
    this.#paces.delete(peer);
    this.#deps.downloads.drop(peer);
  }

  /** A block has come from this peer. */
  noteBytes(peer: Peer): void {
    this.#paces.get(peer)?.gave(this.#nowMs());
  }

  /** False for a peer that can be asked for nothing, or has lately given nothing. */
  isCredible(peer: Peer): boolean {
    return peer.unchoked && this.#paces.get(peer)?.isCredible === true;
  }

  /** A piece that was on its way came wrong, or not at all: others may be asked for it. */
  noteFailed(): void {
    this.#flips += 1;
  }

  noteDone(download: Download): void {
    const took = this.#nowMs() - download.startedAtMs;
    this.#pieceMs = this.#pieceMs * 0.9 + took * 0.1;
  }

  /** Asks this peer for as much as it may be asked. */
  fill(peer: Peer): void {
    if (!peer.unchoked || peer.wire.closed || !this.#deps.mayAsk()) return;
    const now = this.#nowMs();
    const room = this.#roomOf(peer, now);
    for (let asked = 0; asked < room && this.#hasRoom(peer); asked += 1) {
      const piece = this.#choose(peer);
      if (piece === undefined) return;
      this.#start(peer, piece, now);
    }
  }

  #choose(peer: Peer): number | undefined {
    const pace = this.#paces.get(peer);
    const changes = this.#changes();
    if (pace === undefined || pace.dryAt === changes) return undefined;
    const piece =
      pace.fresh === undefined || this.#deps.book.lost > 0
        ? choosePiece(this.#picker, peer.pieces)
        : chooseFresh(this.#picker, peer.pieces, pace.fresh);
    if (piece === undefined) pace.dryAt = changes;
    return piece;
  }

  /** Grows whenever a peer that had nothing of use may have something after all. */
  #changes(): number {
    const { demand, downloads, book } = this.#deps;
    const mayReadAhead = this.#deps.mayReadAhead();
    if (mayReadAhead !== this.#readAhead) {
      this.#readAhead = mayReadAhead;
      this.#flips += 1;
    }
    return demand.changes + downloads.givenUp + book.lost + this.#flips;
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

  /** Every 100 ms: what has gone silent, what has waited too long, the last pieces of all. */
  tick(overdue: readonly number[]): void {
    const now = this.#nowMs();
    this.#measure(now);
    this.#giveUpSilent(now);
    for (const piece of overdue) this.#askAgain(piece, this.overdueMs, now);
    const missing = this.#missingWanted();
    if (missing.length <= lastPieces) {
      const { demand, mayReadAhead } = this.#deps;
      const isWanted = (piece: number) => demand.isSoon(piece) || mayReadAhead();
      for (const piece of missing.filter(isWanted)) this.#askAgain(piece, lastPieceMs, now);
    }
    this.fillAll();
  }

  #start(peer: Peer, piece: number, now: number): void {
    const pace = this.#paces.get(peer);
    if (pace !== undefined && this.#deps.downloads.countOf(peer) === 0) pace.lastBytesAtMs = now;
    this.#deps.downloads.start(peer, piece, now);
  }

  /** What a frontend shows leaves it only once: its port never waits for ours. */
  #hasRoom(peer: Peer): boolean {
    if (peer.frontend) return true;
    const worth = this.#bytesPerMs * queueMs;
    const bytes = Math.min(mostInFlightBytes, Math.max(leastInFlightBytes, worth));
    return this.#deps.downloads.count * this.#deps.pieceLengthBytes < bytes;
  }

  #roomOf(peer: Peer, now: number): number {
    const pace = this.#paces.get(peer);
    if (pace === undefined || pace.isSnubbed(now)) return 0;
    const worth = Math.ceil((pace.bytesPerMs * queueMs) / this.#deps.pieceLengthBytes);
    const blocks = Math.ceil(this.#deps.pieceLengthBytes / peer.blockBytes);
    const queue = Math.floor((peer.extended?.requestQueueLength ?? 250) / blocks);
    const most = Math.max(1, Math.min(mostPerPeer, queue));
    if (!pace.isCredible) return 1 - this.#deps.downloads.countOf(peer);
    const least = peer.frontend ? leastPerFrontend : leastPerPeer;
    return Math.min(most, Math.max(least, worth)) - this.#deps.downloads.countOf(peer);
  }

  /** What only a peer on probation was asked for may be asked of anybody else. */
  #isCredibleInFlight(piece: number): boolean {
    if (!this.#deps.downloads.has(piece)) return false;
    return this.#deps.downloads.of(piece).some(({ peer }) => this.isCredible(peer));
  }

  /** Asks one more peer for a piece that is late, the least burdened that has it. */
  #askAgain(piece: number, lateMs: number, now: number): void {
    const { downloads, book } = this.#deps;
    const downloadsOf = downloads.of(piece);
    const [first] = downloadsOf;
    if (book.held.has(piece) || downloadsOf.length > 1) return;
    if (first !== undefined && now - first.startedAtMs < lateMs) return;
    let best: Peer | undefined;
    for (const peer of this.#deps.peers()) {
      if (peer === first?.peer || !this.isCredible(peer) || !peer.pieces.has(piece)) continue;
      if (this.#roomOf(peer, now) + 1 <= 0) continue;
      if (best === undefined || downloads.countOf(peer) < downloads.countOf(best)) best = peer;
    }
    if (best !== undefined) this.#start(best, piece, now);
  }

  #missingWanted(): number[] {
    const { demand, book } = this.#deps;
    const missing = new Set<number>();
    for (const range of [...demand.urgent(), ...demand.soon(), ...demand.ahead()]) {
      for (let piece = range.first; piece < range.end; piece += 1) {
        if (!book.held.has(piece)) missing.add(piece);
        if (missing.size > lastPieces) return [...missing];
      }
    }
    return [...missing];
  }

  #giveUpSilent(now: number): void {
    for (const [peer, pace] of this.#paces) {
      if (now - pace.lastBytesAtMs < silentMs || this.#deps.downloads.countOf(peer) === 0) continue;
      for (const download of this.#deps.downloads.ofPeer(peer)) {
        this.#deps.downloads.abandon(download);
      }
      if (pace.isCredible) this.#deps.offenders.noteStalled(peer);
      pace.wentSilent(now);
    }
  }

  #measure(now: number): void {
    const elapsedMs = now - this.#measuredAtMs;
    if (elapsedMs < 250) return;
    this.#measuredAtMs = now;
    this.#bytesPerMs = 0;
    for (const [peer, pace] of this.#paces) {
      pace.measure(peer.receivedBytes, elapsedMs);
      this.#bytesPerMs += pace.bytesPerMs;
    }
  }
}
