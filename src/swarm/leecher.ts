import type { Metainfo } from '../protocol/metainfo.ts';
import type { OwnHandshake } from '../protocol/peer-wire/extensions.ts';
import type { BlockRange } from '../protocol/peer-wire/messages.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { Demand } from './demand.ts';
import { Downloads } from './downloads.ts';
import { FallbackFetcher } from './fallback-fetcher.ts';
import { HaveBatches } from './have-batches.ts';
import { Intake } from './intake.ts';
import { LatePieces } from './late-pieces.ts';
import { type LeecherLimits, memoryBytes, planLimits } from './leecher-limits.ts';
import { Offenders } from './offenders.ts';
import { Peer, type PeerConnection, type PeerOwner } from './peer.ts';
import { PeerSet } from './peer-set.ts';
import { PieceBook } from './piece-book.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { readPieces } from './reader.ts';
import { Requests } from './requests.ts';
import { PieceStore } from './store/piece-store.ts';
import type { SlotFile } from './store/slot-file.ts';
import type { RangeFallback, SwarmStatus, TreeSwarm } from './types.ts';
import { Uploads } from './uploads.ts';
import { chooseVictim, sampleHeld } from './victim.ts';
import { Wants } from './wants.ts';

export type LeecherDeps = {
  readonly metainfo: Metainfo;
  readonly file: SlotFile;
  readonly limiter: RateLimiter;
  readonly own: OwnHandshake;
  readonly ownPeerId: string;
  readonly fallback: RangeFallback | undefined;
  /** A peer sent wrong bytes: it is not to be spoken with again. */
  readonly onLiar: (peer: Peer) => void;
  readonly onComplete: () => void;
  readonly onPeerGone: (peer: Peer) => void;
  readonly log: Log;
};

const unwrittenLimitBytes = 8 * 1024 * 1024;
const tickMs = 100;

/** The agent's side of a torrent: what each event of the swarm leads to. */
export class Leecher implements PeerOwner, TreeSwarm {
  readonly metainfo: Metainfo;
  readonly #deps: LeecherDeps;
  readonly #peers: PeerSet;
  readonly #book: PieceBook;
  readonly #demand: Demand;
  readonly #downloads: Downloads;
  readonly #requests: Requests;
  readonly #store: PieceStore;
  readonly #intake: Intake;
  readonly #uploads: Uploads;
  readonly #haves: HaveBatches;
  readonly #late: LatePieces;
  readonly #fetcher: FallbackFetcher | undefined;
  readonly #offenders = new Offenders();
  readonly #timer: NodeJS.Timeout;
  readonly #limits: LeecherLimits;
  #sentBytes = 0;

  constructor(deps: LeecherDeps) {
    const { metainfo } = deps;
    this.metainfo = metainfo;
    this.#deps = deps;
    this.#limits = planLimits(metainfo, deps.file);
    this.#peers = new PeerSet(deps.ownPeerId);
    this.#book = new PieceBook(metainfo.pieceCount);
    this.#demand = new Demand(metainfo.pieceCount, this.#limits);
    this.#downloads = new Downloads(metainfo);
    this.#store = this.#createStore();
    this.#haves = new HaveBatches(() => this.#peers);
    this.#requests = this.#createRequests();
    this.#intake = this.#createIntake();
    this.#uploads = this.#createUploads();
    this.#fetcher = this.#createFetcher();
    this.#late = new LatePieces({
      wants: new Wants(this.#demand, this.#book),
      requests: this.#requests,
      fetcher: this.#fetcher,
      peers: () => this.#peers,
      mayReadAhead: () => this.#mayReadAhead(),
    });
    this.#timer = setInterval(() => this.#tick(), tickMs);
  }

  read(
    range: { readonly startByte: number; readonly endByte: number },
    signal: AbortSignal,
  ): AsyncIterable<Buffer> {
    return readPieces(
      {
        metainfo: this.metainfo,
        book: this.#book,
        demand: this.#demand,
        store: this.#store,
        onDemand: () => this.#onDemand(),
        onUnreadable: (piece) => this.#onGone(piece),
      },
      range,
      signal,
    );
  }

  /** Undefined: it is not wanted, the caller closes the socket. */
  accept(connection: PeerConnection): Peer | undefined {
    if (!this.#peers.makeRoomFor(connection)) return undefined;
    const peer = new Peer(connection, this, this.#deps.own);
    this.#peers.add(peer);
    this.#requests.add(peer);
    peer.introduce(this.#book.held);
    if (!this.#book.held.isComplete) peer.sendInterested();
    return peer;
  }

  get peerCount(): number {
    return this.#peers.size;
  }

  get leftBytes(): number {
    const { pieceCount, pieceLengthBytes, totalSizeBytes } = this.metainfo;
    const missing = (pieceCount - this.#book.held.count) * pieceLengthBytes;
    return Math.min(missing, totalSizeBytes);
  }

  status(): SwarmStatus {
    return {
      infohash: this.metainfo.infohash,
      piecesHeld: this.#book.held.count,
      pieceCount: this.metainfo.pieceCount,
      peers: [...this.#peers].map((peer) => peer.status()),
      offenders: this.#offenders.list(),
      counters: { ...this.#intake.counters, sentBytes: this.#sentBytes },
    };
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    this.#late.close();
    this.#haves.close();
    for (const peer of [...this.#peers]) peer.wire.close(undefined);
    this.#store.close();
    return Promise.resolve();
  }

  onReady(peer: Peer): void {
    if (peer.frontend) this.#late.tell();
  }

  onPieces(peer: Peer, pieces: readonly number[]): void {
    this.#book.peerHas(pieces);
    this.#requests.noteOffer(peer, pieces);
    this.#requests.fill(peer);
  }

  onPieceGone(_peer: Peer, piece: number): void {
    this.#book.peerLost(piece);
  }

  onChokeChange(peer: Peer): void {
    if (peer.unchoked) return this.#requests.fill(peer);
    this.#downloads.drop(peer);
    this.#requests.fillAll();
  }

  onRequest(peer: Peer, range: BlockRange): void {
    if (this.#book.held.has(range.piece)) this.#uploads.add(peer, range);
    else peer.sendReject(range);
  }

  onCancel(peer: Peer, range: BlockRange): void {
    this.#uploads.cancel(peer, range);
  }

  /** It does not have the piece after all, or will not give it. */
  onReject(peer: Peer, range: BlockRange): void {
    this.#downloads.reject(peer, range.piece);
    if (peer.pieces.remove(range.piece)) this.#book.peerLost(range.piece);
    this.#requests.fill(peer);
  }

  blockTarget(peer: Peer, range: BlockRange): Buffer | undefined {
    return this.#downloads.target(peer, range);
  }

  onBlock(peer: Peer, range: BlockRange): void {
    this.#requests.noteBytes(peer);
    const download = this.#downloads.received(peer, range);
    if (download === undefined) return;
    this.#requests.noteDone(download);
    if (this.#intake.fromPeer(download)) return this.#requests.fill(peer);
    this.#requests.noteFailed();
    this.#requests.fillAll();
  }

  onDrain(peer: Peer): void {
    this.#uploads.advance(peer);
  }

  onWants(): void {}

  onClosed(peer: Peer, reason: string | undefined): void {
    if (!this.#peers.delete(peer)) return;
    this.#requests.remove(peer);
    this.#uploads.remove(peer);
    this.#book.peerGone(peer.pieces);
    if (reason !== undefined) this.#name(peer, reason);
    this.#deps.onPeerGone(peer);
    this.#requests.fillAll();
  }

  #tick(): void {
    this.#book.giveUpWaiting(performance.now());
    this.#late.tick(performance.now());
  }

  #onDemand(): void {
    this.#requests.fillAll();
    this.#late.tellSoon();
  }

  #mayReadAhead(): boolean {
    return this.#book.heldUnasked < this.#limits.unaskedPieces;
  }

  /** The store has no room for it any more, or cannot read it. */
  #onGone(piece: number): void {
    if (!this.#book.held.has(piece)) return;
    this.#book.remove(piece);
    for (const peer of this.#peers) peer.sendDonthave(piece);
  }

  #name(peer: Peer, reason: string): void {
    this.#offenders.add(peer.address, reason);
    this.#deps.log.warn('peer dropped', { peer: peer.address, reason });
  }

  #createStore(): PieceStore {
    return new PieceStore({
      metainfo: this.metainfo,
      file: this.#deps.file,
      memoryBytes,
      chooseVictim: () => chooseVictim(sampleHeld(this.#book, this.#demand)),
      onGone: (piece) => this.#onGone(piece),
      onWriteError: (error) =>
        this.#deps.log.warn('piece not stored', { reason: messageOf(error) }),
    });
  }

  #createRequests(): Requests {
    return new Requests({
      book: this.#book,
      demand: this.#demand,
      downloads: this.#downloads,
      peers: () => this.#peers,
      pieceLengthBytes: this.metainfo.pieceLengthBytes,
      isElsewhere: (piece) => this.#fetcher?.isFetching(piece) === true,
      mayAsk: () => this.#store.unwrittenBytes < unwrittenLimitBytes,
      mayReadAhead: () => this.#mayReadAhead(),
    });
  }

  #createIntake(): Intake {
    return new Intake({
      metainfo: this.metainfo,
      book: this.#book,
      downloads: this.#downloads,
      store: this.#store,
      haves: this.#haves,
      onLiar: (peer) => {
        this.#deps.onLiar(peer);
        peer.wire.close('sent a piece that does not verify');
      },
      onComplete: () => this.#deps.onComplete(),
    });
  }

  #createUploads(): Uploads {
    return new Uploads({
      read: (range) => this.#store.getBlock(range),
      onSent: (_peer, range) => {
        this.#sentBytes += range.lengthBytes;
      },
      onUnreadable: (peer, range) => {
        this.#onGone(range.piece);
        peer.sendReject(range);
      },
      limiter: this.#deps.limiter,
    });
  }

  #createFetcher(): FallbackFetcher | undefined {
    const { fallback, log } = this.#deps;
    if (fallback === undefined) return undefined;
    return new FallbackFetcher({
      metainfo: this.metainfo,
      fallback,
      isHeld: (piece) => this.#book.held.has(piece),
      onPiece: (piece, bytes) => this.#intake.byHttp(piece, bytes),
      onEnd: () => this.#requests.noteFailed(),
      log,
    });
  }
}
