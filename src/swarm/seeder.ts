import { Bitfield } from '../protocol/bitfield.ts';
import { type Metainfo, pieceSizeBytes } from '../protocol/metainfo.ts';
import type { OwnHandshake } from '../protocol/peer-wire/extensions.ts';
import type { BlockRange } from '../protocol/peer-wire/messages.ts';
import { type Clock, systemClock, type Timer } from '../runtime/clock.ts';
import { messageOf, ScreeError } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { describeSwarm } from './describe-swarm.ts';
import { HandOut } from './hand-out.ts';
import { Offenders } from './offenders.ts';
import { Peer, type PeerOwner } from './peer.ts';
import type { PeerConnection } from './peer-connection.ts';
import { PeerSet } from './peer-set.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Offender, PieceSource, SwarmStatus } from './types.ts';
import { type Block, Uploads } from './uploads.ts';

export class SourceError extends ScreeError<'short'> {}

export type SeederDeps = {
  readonly metainfo: Metainfo;
  readonly source: PieceSource;
  readonly limiter: RateLimiter;
  readonly own: OwnHandshake;
  readonly onOffender?: ((offender: Offender) => void) | undefined;
  readonly log: Log;
  /** The machine's unless given. */
  readonly clock?: Clock;
};

const tickMs = 100;
const mostPeers = 4096;
/** So long a peer has for its extension handshake. */
const introductionMs = 2000;

/** The frontend's side of a torrent: holds everything, shows it piece by piece. */
export class Seeder implements PeerOwner {
  readonly metainfo: Metainfo;
  readonly #deps: SeederDeps;
  /** It calls nobody, so that it cannot meet itself. */
  readonly #peers = new PeerSet('', () => mostPeers);
  readonly #opened = new Set<Peer>();
  /** Peers that have not said yet who they are, and since when. */
  readonly #unknown = new Map<Peer, number>();
  readonly #handOut: HandOut<Peer>;
  readonly #uploads: Uploads;
  readonly #offenders: Offenders;
  readonly #clock: Clock;
  readonly #timer: Timer;
  #planned = false;

  constructor(deps: SeederDeps) {
    this.#deps = deps;
    this.#offenders = new Offenders(deps.log, { onNew: deps.onOffender });
    this.#clock = deps.clock ?? systemClock;
    this.metainfo = deps.metainfo;
    this.#handOut = new HandOut(this.metainfo.pieceCount, this.metainfo.pieceLengthBytes);
    this.#uploads = new Uploads({
      read: (range) => this.#read(range),
      onSent: (peer, range) => this.#onSent(peer, range),
      onUnreadable: (peer, range, error) => this.#onUnreadable(peer, range, error),
      limiter: deps.limiter,
      clock: this.#clock,
    });
    this.#timer = this.#clock.every(tickMs, () => this.#tick());
  }

  accept(connection: PeerConnection): Peer | undefined {
    if (!this.#peers.makeRoomFor(connection)) return undefined;
    const peer = new Peer(connection, this, this.#deps.own);
    this.#peers.add(peer);
    this.#handOut.add(peer);
    peer.introduce(new Bitfield(this.metainfo.pieceCount));
    if (connection.handshake.extended) this.#unknown.set(peer, this.#clock.nowMs());
    else this.#showEverything(peer);
    return peer;
  }

  status(): SwarmStatus {
    const { metainfo } = this;
    const own = { metainfo, peers: this.#peers, offenders: this.#offenders };
    const nothing = {
      receivedFromFrontendBytes: 0,
      receivedFromPeersBytes: 0,
      receivedByHttpBytes: 0,
    };
    const counters = { ...nothing, sentBytes: this.#uploads.sentBytes, badPieces: 0 };
    return describeSwarm({ ...own, piecesHeld: metainfo.pieceCount, counters });
  }

  close(): void {
    this.#timer.cancel();
    for (const peer of [...this.#peers]) peer.wire.close(undefined);
  }

  onPieces(peer: Peer, pieces: readonly number[]): void {
    this.#handOut.received(peer, pieces, this.#clock.nowMs());
    this.#plan();
  }

  onPieceGone(peer: Peer, piece: number): void {
    this.#handOut.lost(peer, piece);
  }

  /** Our own say what they want; of others it is not known. */
  onReady(peer: Peer): void {
    this.#unknown.delete(peer);
    this.#handOut.setRack(peer, peer.extended?.rack);
    if (!peer.own) return this.#showEverything(peer);
    // It came too late for the time that strangers are given.
    this.#opened.delete(peer);
  }

  onWants(peer: Peer, ranges: Parameters<PeerOwner['onWants']>[1]): void {
    this.#handOut.setWants(peer, ranges);
    this.#plan();
  }

  onClaims(peer: Peer, pieces: readonly number[]): void {
    this.#handOut.claimed(peer, pieces, this.#clock.nowMs());
  }

  onRequest(peer: Peer, range: BlockRange): void {
    if (this.#opened.has(peer) || this.#handOut.isShown(peer, range.piece)) {
      this.#uploads.add(peer, range);
    } else {
      peer.sendReject(range);
    }
  }

  onCancel(peer: Peer, range: BlockRange): void {
    this.#uploads.cancel(peer, range);
  }

  onDrain(peer: Peer): void {
    this.#uploads.advance(peer);
  }

  onSpeaking(): void {}

  onClosed(peer: Peer, reason: string | undefined): void {
    if (!this.#peers.delete(peer)) return;
    this.#opened.delete(peer);
    this.#unknown.delete(peer);
    this.#handOut.remove(peer);
    this.#uploads.remove(peer);
    this.#offenders.noteGone(peer, reason);
    this.#plan();
  }

  // A seeder asks for nothing: whatever else a peer says changes nothing.
  onChokeChange(): void {}
  onReject(): void {}
  onBlock(): void {}
  blockTarget(): undefined {}

  #showEverything(peer: Peer): void {
    this.#unknown.delete(peer);
    this.#handOut.setWants(peer, undefined);
    this.#plan();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#clock.soon(() => {
      this.#planned = false;
      this.#showNext();
    });
  }

  #tick(): void {
    const lateMs = this.#clock.nowMs() - introductionMs;
    for (const [peer, sinceMs] of this.#unknown) if (sinceMs < lateMs) this.#showEverything(peer);
    this.#showNext();
  }

  #showNext(): void {
    const byPeer = new Map<Peer, number[]>();
    for (const { peer, piece } of this.#handOut.next(this.#clock.nowMs())) {
      byPeer.set(peer, [...(byPeer.get(peer) ?? []), piece]);
    }
    for (const [peer, pieces] of byPeer) peer.sendHaves(pieces);
    if (!this.#handOut.allOut) return;
    for (const peer of this.#peers) {
      if (!peer.own && !this.#unknown.has(peer)) this.#open(peer);
    }
  }

  /** Everything has left once: a peer that cannot say what it wants may take what it likes. */
  #open(peer: Peer): void {
    if (this.#opened.has(peer)) return;
    this.#opened.add(peer);
    const rest: number[] = [];
    for (let piece = 0; piece < this.metainfo.pieceCount; piece += 1) {
      if (!this.#handOut.isShown(peer, piece)) rest.push(piece);
    }
    if (rest.length > 0) peer.sendHaves(rest);
  }

  async #read(range: BlockRange): Promise<Block> {
    const offset = range.piece * this.metainfo.pieceLengthBytes + range.beginByte;
    const bytes = await this.#deps.source.read(offset, range.lengthBytes);
    if (bytes.length === range.lengthBytes) return { bytes, release: () => {} };
    throw new SourceError(
      'short',
      `expected ${range.lengthBytes} bytes of the file, got ${bytes.length}; it may have changed`,
    );
  }

  #onSent(peer: Peer, range: BlockRange): void {
    const end = range.beginByte + range.lengthBytes;
    // Our own say when they have a piece; others may keep it to themselves.
    if (!peer.own && end === pieceSizeBytes(this.metainfo, range.piece)) {
      this.#handOut.confirm(peer, range.piece, this.#clock.nowMs());
      this.#plan();
    }
  }

  #onUnreadable(peer: Peer, range: BlockRange, error: unknown): void {
    peer.sendReject(range);
    this.#handOut.withhold(range.piece);
    this.#deps.log.warn('piece not served', { piece: range.piece, reason: messageOf(error) });
  }
}
