import { type Metainfo, pieceSizeBytes } from '../protocol/metainfo.ts';
import type { OwnHandshake } from '../protocol/peer-wire/extensions.ts';
import type { BlockRange } from '../protocol/peer-wire/messages.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { Demand } from './demand.ts';
import { Downloads } from './downloads.ts';
import { FallbackFetcher } from './fallback-fetcher.ts';
import { HaveBatches } from './have-batches.ts';
import { Intake } from './intake.ts';
import { Offenders } from './offenders.ts';
import { Peer, type PeerConnection, type PeerOwner } from './peer.ts';
import { PeerSet } from './peer-set.ts';
import { PieceBook } from './piece-book.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { readPieces } from './reader.ts';
import { Requests } from './requests.ts';
import { PieceStore } from './store/piece-store.ts';
import { type SlotFile, slotBytes } from './store/slot-file.ts';
import type { RangeFallback, SwarmStatus, TreeSwarm } from './types.ts';
import { Uploads } from './uploads.ts';
import { chooseVictim } from './victim.ts';
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

const memoryBytes = 16 * 1024 * 1024;
const urgentBytes = 512 * 1024;
const aheadBytes = 32 * 1024 * 1024;
const unaskedBytes = 64 * 1024 * 1024;
const unwrittenLimitBytes = 16 * 1024 * 1024;
const tickMs = 100;
const wantsDelayMs = 30;
const victimSample = 64;
/** So long the swarm has before a piece that nobody offers is fetched from the frontend. */
const nobodyMs = 300;
const alone = { requests: 4, piecesEach: 16 };
const inCompany = { requests: 2, piecesEach: 2 };

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
  readonly #wants: Wants;
  readonly #fetcher: FallbackFetcher | undefined;
  readonly #offenders = new Offenders();
  readonly #timer: NodeJS.Timeout;
  readonly #mostUnasked: number;
  #wantsTimer: NodeJS.Timeout | undefined;
  #overdue: readonly number[] = [];
  #sentBytes = 0;

  constructor(deps: LeecherDeps) {
    const { metainfo } = deps;
    const inPieces = (bytes: number) => Math.max(1, Math.floor(bytes / metainfo.pieceLengthBytes));
    const budget = Math.max(memoryBytes, deps.file.capacitySlots * slotBytes);
    this.metainfo = metainfo;
    this.#deps = deps;
    this.#mostUnasked = inPieces(Math.min(unaskedBytes, budget / 2));
    this.#peers = new PeerSet(deps.ownPeerId);
    this.#book = new PieceBook(metainfo.pieceCount);
    this.#demand = new Demand(metainfo.pieceCount, {
      urgentPieces: inPieces(urgentBytes),
      aheadPieces: inPieces(Math.min(aheadBytes, budget / 2)),
    });
    this.#downloads = new Downloads(metainfo);
    this.#store = this.#createStore();
    this.#haves = new HaveBatches(() => this.#peers);
    this.#requests = this.#createRequests();
    this.#intake = this.#createIntake();
    this.#uploads = this.#createUploads();
    this.#wants = new Wants(this.#demand, this.#book);
    this.#fetcher = this.#createFetcher();
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
    clearTimeout(this.#wantsTimer);
    this.#fetcher?.close();
    this.#haves.close();
    for (const peer of [...this.#peers]) peer.wire.close(undefined);
    this.#store.close();
    return Promise.resolve();
  }

  onReady(peer: Peer): void {
    if (peer.frontend) this.#sendWants();
  }

  onPieces(peer: Peer, pieces: readonly number[]): void {
    this.#book.peerHas(pieces);
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
    if (this.#intake.fromPeer(download)) this.#requests.fill(peer);
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
    const now = performance.now();
    this.#overdue = this.#wants.overdue(now, this.#requests.overdueMs);
    this.#requests.tick(this.#overdue);
    if (this.#overdue.length > 0) this.#onDemandChange();
    this.#fetchLate(now);
  }

  #fetchLate(now: number): void {
    if (this.#fetcher === undefined) return;
    const offered = [...this.#peers].some(
      (peer) => peer.unchoked && (peer.frontend || peer.pieces.count > 0),
    );
    if (!offered) {
      return this.#fetcher.fetch(this.#wants.overdue(now, nobodyMs), alone);
    }
    const patience = this.#requests.overdueMs * 2;
    this.#fetcher.fetch(this.#wants.overdue(now, patience), inCompany);
  }

  #onDemand(): void {
    this.#requests.fillAll();
    this.#onDemandChange();
  }

  #onDemandChange(): void {
    this.#wantsTimer ??= setTimeout(() => {
      this.#wantsTimer = undefined;
      this.#sendWants();
    }, wantsDelayMs);
  }

  #sendWants(): void {
    const ranges = this.#wants.ranges(this.#overdue, this.#mayReadAhead());
    for (const peer of this.#peers) if (peer.frontend) peer.sendWants(ranges);
  }

  #mayReadAhead(): boolean {
    return this.#book.heldUnasked < this.#mostUnasked;
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

  #chooseVictim(): number | undefined {
    const ranges = [...this.#demand.urgent(), ...this.#demand.soon(), ...this.#demand.ahead()];
    const isWanted = (piece: number) =>
      ranges.some((range) => piece >= range.first && piece < range.end);
    const { held } = this.#book;
    const candidates = [];
    const start = Math.floor(Math.random() * held.length);
    for (let step = 0; step < held.length && candidates.length < victimSample; step += 1) {
      const piece = (start + step) % held.length;
      if (held.has(piece)) candidates.push(this.#book.describe(piece, isWanted(piece)));
    }
    return chooseVictim(candidates);
  }

  #createStore(): PieceStore {
    return new PieceStore({
      metainfo: this.metainfo,
      file: this.#deps.file,
      memoryBytes,
      chooseVictim: () => this.#chooseVictim(),
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
      read: (range) => this.#readBlock(range),
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
      log,
    });
  }

  #readBlock(range: BlockRange): Buffer | Promise<Buffer> {
    const end = range.beginByte + range.lengthBytes;
    const whole = range.lengthBytes === pieceSizeBytes(this.metainfo, range.piece);
    const cut = (bytes: Buffer) => (whole ? bytes : bytes.subarray(range.beginByte, end));
    const bytes = this.#store.get(range.piece);
    return bytes instanceof Promise ? bytes.then(cut) : cut(bytes);
  }
}
