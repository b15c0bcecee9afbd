import type { Metainfo } from '../protocol/metainfo.ts';
import type { OwnHandshake } from '../protocol/peer-wire/extensions.ts';
import type { BlockRange } from '../protocol/peer-wire/messages.ts';
import type { Timer } from '../runtime/clock.ts';
import { Demand } from './demand.ts';
import { describeSwarm } from './describe-swarm.ts';
import { Downloads } from './downloads.ts';
import { FallbackFetcher } from './fallback-fetcher.ts';
import { Holdings } from './holdings.ts';
import { Intake } from './intake.ts';
import { LatePieces } from './late-pieces.ts';
import type { LeecherDeps } from './leecher-deps.ts';
import { LiveLimits } from './leecher-limits.ts';
import { OwnRack } from './own-rack.ts';
import { Peer, type PeerOwner } from './peer.ts';
import type { PeerConnection } from './peer-connection.ts';
import { PeerSet } from './peer-set.ts';
import { piecesUnder, readPieces } from './reader.ts';
import { Requests } from './requests.ts';
import type { PieceBuffer } from './store/piece-buffers.ts';
import type { ReadOptions, StreamRange, SwarmStatus } from './types.ts';
import { Uploads } from './uploads.ts';
import { Wants } from './wants.ts';

const tickMs = 100;

/** The agent's side of a torrent: what each event of the swarm leads to. */
export class Leecher implements PeerOwner {
  readonly metainfo: Metainfo;
  readonly #deps: LeecherDeps;
  readonly #limits: LiveLimits;
  readonly #peers: PeerSet;
  readonly #demand: Demand;
  readonly #rack: OwnRack;
  readonly #holdings: Holdings;
  readonly #downloads: Downloads;
  readonly #requests: Requests;
  readonly #intake: Intake;
  readonly #late: LatePieces;
  readonly #uploads: Uploads;
  readonly #timer: Timer;

  constructor(deps: LeecherDeps) {
    const { metainfo, log } = deps;
    const { clock, verifies } = deps.surroundings;
    this.metainfo = metainfo;
    this.#deps = deps;
    this.#limits = new LiveLimits(metainfo, () => deps.room.shareBytesOf(this));
    this.#peers = new PeerSet(deps.ownPeerId, () => this.#rack.mostPeers);
    this.#demand = new Demand(metainfo.pieceCount, this.#limits.now);
    const buffers = deps.surroundings.buffersFor(metainfo.pieceLengthBytes);
    this.#downloads = new Downloads(metainfo, buffers);
    const peers = () => this.#peers;
    this.#rack = new OwnRack({
      ...{ pieceCount: metainfo.pieceCount, ownId: deps.ownPeerId, peers, clock },
      pieceMs: () => this.#requests.pieceMs,
    });
    const parts = { buffers, demand: this.#demand, rack: this.#rack, peers, clock };
    const mayReadAhead = () =>
      deps.room.readsAhead && this.#holdings.book.heldUnasked < this.#limits.now.unaskedPieces;
    const onNotFound = () => this.#requests.noteFailed();
    this.#holdings = new Holdings({ ...deps, ...parts, mayReadAhead, onNotFound });
    const keep = (piece: number, buffer: PieceBuffer) => {
      this.#downloads.cancel(piece);
      this.#holdings.add(piece, buffer);
    };
    this.#intake = new Intake({ metainfo, buffers, verifies, keep, report: deps.offenders.report });
    const fetcher = new FallbackFetcher({
      ...{ metainfo, fallback: deps.fallback, log, nowMs: clock.nowMs },
      isHeld: (piece) => this.#holdings.book.held.has(piece),
      onPiece: (piece, bytes) => this.#intake.byHttp(piece, bytes),
      onEnd: onNotFound,
    });
    this.#requests = this.#createRequests(fetcher, mayReadAhead);
    const wants = new Wants(this.#demand, this.#holdings.book);
    const news = { wants, requests: this.#requests, fetcher };
    this.#late = new LatePieces({ ...news, peers, mayReadAhead, clock });
    this.#uploads = new Uploads({
      read: (range) => this.#holdings.getBlock(range),
      onUnreadable: (peer, range) => {
        this.#holdings.lose(range.piece);
        peer.sendReject(range);
      },
      ...{ limiter: deps.limiter, clock },
    });
    this.#timer = clock.every(tickMs, () => this.#tick());
  }

  get #own(): OwnHandshake {
    return { ...this.#deps.own, rack: this.#rack.number };
  }

  get peersWanted(): number {
    return this.#peers.wanted;
  }

  get leftBytes(): number {
    return this.#holdings.leftBytes;
  }

  read(range: StreamRange, options: ReadOptions): Promise<void> {
    const { metainfo, onDemand } = this;
    const parts = { metainfo, onDemand, holdings: this.#holdings, demand: this.#demand };
    return readPieces(parts, range, options);
  }

  expect(order: readonly StreamRange[], isWhole: boolean): void {
    const files = order.filter(({ startByte, endByte }) => startByte < endByte);
    const pieces = files.map((range) => piecesUnder(range, this.metainfo));
    this.#demand.expect(pieces, isWhole);
    this.#requests.fillNew();
    this.#late.tellSoon();
  }

  readonly onDemand = (): void => {
    this.#deps.room.noteUse(this);
    this.#requests.fillNew();
    this.#late.tellSoon();
  };

  /** Which rack this machine is in, as the tracker numbers them. */
  setRack(number: number): void {
    if (this.#rack.settle(number)) for (const peer of this.#peers) peer.sendHandshake(this.#own);
  }

  /** Undefined: it is not wanted, the caller closes the socket. */
  accept(connection: PeerConnection): Peer | undefined {
    if (!this.#peers.makeRoomFor(connection)) return undefined;
    const peer = new Peer(connection, this, this.#own);
    const { held } = this.#holdings.book;
    this.#peers.add(peer);
    this.#requests.add(peer);
    peer.introduce(held);
    if (!held.isComplete) peer.sendInterested();
    return peer;
  }

  /** Nothing is read ahead any more: pieces that were shown for it are to be shown to others. */
  readonly readAheadStopped = () => this.#late.tell();

  status(): SwarmStatus {
    const { book, takenUpBytes } = this.#holdings;
    const counters = { ...this.#intake.counters, sentBytes: this.#uploads.sentBytes };
    const own = { metainfo: this.metainfo, peers: this.#peers, offenders: this.#deps.offenders };
    return { ...describeSwarm({ ...own, piecesHeld: book.held.count, counters }), takenUpBytes };
  }

  close(): void {
    this.#timer.cancel();
    this.#late.close();
    this.#deps.room.forgetUse(this);
    for (const peer of this.#peers) this.#downloads.drop(peer);
    for (const peer of [...this.#peers]) peer.wire.close(undefined);
    this.#rack.close();
    this.#holdings.close();
  }

  onReady(peer: Peer): void {
    this.#rack.trust(peer, this.#requests.isTrusted(peer));
    if (peer.frontend) this.#late.tell();
  }

  onPieces(peer: Peer, pieces: readonly number[]): void {
    this.#holdings.peerHas(peer, pieces);
    this.#requests.noteOffer(peer, pieces);
    this.#requests.fill(peer);
  }

  onPieceGone(peer: Peer, piece: number): void {
    this.#holdings.peerLost(peer, piece);
  }

  onClaims(peer: Peer, pieces: readonly number[]): void {
    this.#rack.claimed(peer, pieces);
  }

  onChokeChange(peer: Peer): void {
    this.#rack.trust(peer, this.#requests.isTrusted(peer));
    if (peer.unchoked) return this.#requests.fill(peer);
    this.#downloads.drop(peer);
    this.#requests.fillAll();
  }

  onRequest(peer: Peer, range: BlockRange): void {
    if (this.#holdings.book.held.has(range.piece)) this.#uploads.add(peer, range);
    else peer.sendReject(range);
  }

  onCancel(peer: Peer, range: BlockRange): void {
    this.#uploads.cancel(peer, range);
  }

  /** It does not have the piece after all, or will not give it; or answers a cancel. */
  onReject(peer: Peer, range: BlockRange): void {
    if (!this.#downloads.reject(peer, range.piece)) return;
    if (peer.pieces.remove(range.piece)) this.#holdings.noteMissing(peer, range.piece);
    this.#requests.fillAll();
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
    this.#deps.onLiar(peer);
    peer.wire.close('sent a piece that does not verify');
    this.#requests.noteFailed();
    this.#requests.fillAll();
  }

  readonly onDrain = (peer: Peer): void => this.#uploads.advance(peer);
  readonly onSpeaking = (peer: Peer): void => this.#holdings.peerSpokenTo(peer);

  onWants(): void {}

  onClosed(peer: Peer, reason: string | undefined): void {
    if (!this.#peers.delete(peer)) return;
    const hungUp = reason === undefined && this.#downloads.countOf(peer) > 0;
    if (hungUp) this.#deps.offenders.noteHungUp(peer, this.#peers, this.#deps.surroundings.clock);
    this.#requests.remove(peer);
    this.#uploads.remove(peer);
    this.#holdings.peerGone(peer);
    this.#deps.offenders.noteGone(peer, reason);
    this.#deps.onPeerGone(peer);
    this.#requests.fillAll();
  }

  #tick(): void {
    this.#limits.update(this.#holdings.book.aheadWorth, this.#requests.bytesPerMs);
    const nowMs = this.#deps.surroundings.clock.nowMs();
    this.#holdings.book.giveUpWaiting(nowMs);
    this.#late.tick(nowMs);
  }

  #createRequests(fetcher: FallbackFetcher, mayReadAhead: () => boolean): Requests {
    return new Requests({
      ...{ book: this.#holdings.book, demand: this.#demand, downloads: this.#downloads },
      ...{ rack: this.#rack, peers: () => this.#peers, limits: this.#limits.now },
      pieceLengthBytes: this.metainfo.pieceLengthBytes,
      isElsewhere: (piece) => fetcher.isFetching(piece) || this.#holdings.mayTakeUp(piece),
      mayAsk: () => this.#holdings.unwrittenBytes < this.#limits.now.unwrittenBytes,
      ...{ surroundings: this.#deps.surroundings, offenders: this.#deps.offenders, mayReadAhead },
    });
  }
}
