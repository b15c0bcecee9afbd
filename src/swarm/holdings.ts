import { type Metainfo, pieceSizeBytes } from '../protocol/metainfo.ts';
import type { BlockRange } from '../protocol/peer-wire/messages.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { Demand } from './demand.ts';
import { HaveBatches } from './have-batches.ts';
import type { OwnRack } from './own-rack.ts';
import type { Peer } from './peer.ts';
import { PieceBook } from './piece-book.ts';
import type { PieceBuffer, PieceBuffers } from './store/piece-buffers.ts';
import { PieceStore } from './store/piece-store.ts';
import type { StoreRoom } from './store/store-room.ts';
import { TakeUp } from './take-up.ts';
import type { Block } from './uploads.ts';
import { describeHeld } from './victim.ts';

export type HoldingsDeps = {
  readonly metainfo: Metainfo;
  readonly room: StoreRoom;
  readonly buffers: PieceBuffers;
  readonly demand: Demand;
  readonly rack: OwnRack;
  /** False when enough lies here that nobody asked for. */
  readonly mayReadAhead: () => boolean;
  readonly peers: () => Iterable<Peer>;
  /** What seemed to lie in the store is not there: others may be asked for it. */
  readonly onNotFound: () => void;
  readonly onComplete: () => void;
  readonly log: Log;
  /** The machine's unless given. */
  readonly clock?: Clock;
};

/** A piece that fewer peers have than this, the frontend counted, is news to be told at once. */
const fewCopies = 2;

/** What a node holds: known in the book, kept in the store, told to the peers. */
export class Holdings {
  readonly book: PieceBook;
  readonly #deps: HoldingsDeps;
  readonly #store: PieceStore;
  readonly #haves: HaveBatches;
  readonly #takeUp: TakeUp;
  #completed = false;

  constructor(deps: HoldingsDeps) {
    this.#deps = deps;
    const { metainfo, demand, mayReadAhead, clock = systemClock } = deps;
    const sizeOf = (piece: number) => pieceSizeBytes(metainfo, piece);
    this.book = new PieceBook(metainfo.pieceCount, sizeOf, clock.nowMs);
    this.#haves = new HaveBatches(deps.peers, (piece) => this.book.held.has(piece), clock);
    this.#store = new PieceStore({
      metainfo,
      room: deps.room,
      buffers: deps.buffers,
      describe: (pieces) =>
        describeHeld(this.book, demand, { pieces, mayReadAhead: mayReadAhead() }),
      onGone: (piece) => this.lose(piece),
      onWriteError: (error) => deps.log.warn('piece not stored', { reason: messageOf(error) }),
    });
    this.#takeUp = new TakeUp({
      ...{ metainfo, demand, buffers: deps.buffers, slots: deps.room.slots },
      adopt: (piece, slots) => this.#adopt(piece, slots),
      onBad: deps.onNotFound,
    });
  }

  /** Bytes that the disk has not taken yet. */
  get unwrittenBytes(): number {
    return this.#store.unwrittenBytes;
  }

  get leftBytes(): number {
    const { pieceCount, pieceLengthBytes, totalSizeBytes } = this.#deps.metainfo;
    return Math.min((pieceCount - this.book.held.count) * pieceLengthBytes, totalSizeBytes);
  }

  /** Takes a piece that has been verified. */
  add(piece: number, buffer: PieceBuffer): void {
    if (this.book.held.has(piece)) return;
    this.book.add(piece);
    this.#tell(piece);
    this.#store.put(piece, buffer);
  }

  /** It seems to lie in the store, where an earlier process has left it. */
  mayTakeUp(piece: number): boolean {
    return this.#takeUp.has(piece);
  }

  get takenUpBytes(): number {
    return this.#takeUp.takenBytes;
  }

  /**
   * Held for the caller, at once when the piece is in memory. Throws or rejects with StoreError
   * when it is not here.
   */
  get(piece: number): PieceBuffer | Promise<PieceBuffer> {
    return this.#store.get(piece);
  }

  /** A part of a piece; otherwise like `get`. */
  getBlock(range: BlockRange): Block | Promise<Block> {
    const buffer = this.#store.get(range.piece);
    return buffer instanceof Promise
      ? buffer.then((whole) => cut(whole, range))
      : cut(buffer, range);
  }

  /** The store has no room for the piece any more, or cannot read it: peers are told. */
  lose(piece: number): void {
    if (!this.book.held.has(piece)) return;
    this.book.remove(piece);
    this.#store.remove(piece);
    this.#haves.lose(piece);
  }

  peerHas(peer: Peer, pieces: readonly number[]): void {
    this.book.peerHas(pieces);
    const isHeld = (piece: number) => this.book.held.has(piece);
    if (peer.frontend && pieces.some(isHeld)) this.#haves.hurry(peer);
    this.#deps.rack.peerHas(peer, pieces);
  }

  /** A peer has lost a piece: nobody was told of what he had himself, so he is told now. */
  peerLost(peer: Peer, piece: number): void {
    this.noteMissing(peer, piece);
    if (this.book.held.has(piece)) this.#haves.remind(peer, piece);
  }

  /** A peer does not have the piece after all. */
  noteMissing(peer: Peer, piece: number): void {
    this.book.peerLost(piece);
    this.#deps.rack.peerLost(peer, piece);
  }

  /** Something goes to the peer: what it was not told yet goes with it. */
  peerSpokenTo(peer: Peer): void {
    this.#haves.sendWith(peer);
  }

  peerGone(peer: Peer): void {
    this.#deps.rack.gone(peer);
    this.book.peerGone(peer.pieces);
    this.#haves.forget(peer);
  }

  close(): void {
    this.book.close();
    this.#haves.close();
    this.#takeUp.close();
    this.#store.close();
  }

  /** False: it has come meanwhile. */
  #adopt(piece: number, slots: readonly number[]): boolean {
    if (this.book.held.has(piece)) return false;
    this.book.takeUp(piece);
    this.#tell(piece);
    this.#store.adopt(piece, slots);
    return true;
  }

  #tell(piece: number): void {
    this.#haves.add(piece, this.book.copiesOf(piece) < fewCopies);
    if (!this.book.held.isComplete || this.#completed) return;
    this.#completed = true;
    this.#deps.onComplete();
  }
}

function cut(buffer: PieceBuffer, { beginByte, lengthBytes }: BlockRange): Block {
  const bytes = buffer.bytes.subarray(beginByte, beginByte + lengthBytes);
  return { bytes, release: () => buffer.release() };
}
