import { Bitfield } from '../protocol/bitfield.ts';
import type { Metainfo } from '../protocol/metainfo.ts';
import {
  decodeExtendedHandshake,
  decodeScreeMessage,
  type ExtendedHandshake,
  encodeDonthave,
  encodeExtendedHandshake,
  encodePieces,
  encodeWants,
  type OwnHandshake,
  ownBlockBytes,
  ownExtensionIds,
  standardBlockBytes,
  type WantedRange,
} from '../protocol/peer-wire/extensions.ts';
import {
  type BlockRange,
  encodeBare,
  encodeBitfield,
  encodeExtended,
  encodeHave,
  encodeRange,
  WireError,
  type WireMessage,
} from '../protocol/peer-wire/messages.ts';
import { checkPiece, checkRequest, longestRequestBytes } from './check-message.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerStatus } from './types.ts';
import type { PeerWire } from './wire.ts';

/** What the torrent behind a peer decides. */
export type PeerOwner = {
  readonly metainfo: Metainfo;
  /** The peer has these pieces now; they are new. */
  readonly onPieces: (peer: Peer, pieces: readonly number[]) => void;
  readonly onPieceGone: (peer: Peer, piece: number) => void;
  /** It fetches these from outside of its rack. */
  readonly onClaims: (peer: Peer, pieces: readonly number[]) => void;
  /** The peer can be asked, or not any more (choked: what it was asked is lost). */
  readonly onChokeChange: (peer: Peer) => void;
  /** The extension handshake is known, or has come again. */
  readonly onReady: (peer: Peer) => void;
  readonly onWants: (peer: Peer, ranges: readonly WantedRange[]) => void;
  /** In range and not longer than 128 KiB. */
  readonly onRequest: (peer: Peer, range: BlockRange) => void;
  readonly onCancel: (peer: Peer, range: BlockRange) => void;
  readonly onReject: (peer: Peer, range: BlockRange) => void;
  readonly blockTarget: (peer: Peer, range: BlockRange) => Buffer | undefined;
  readonly onBlock: (peer: Peer, range: BlockRange) => void;
  readonly onDrain: (peer: Peer) => void;
  /** A request, a cancel or a block is about to go: what else there is to say costs nothing then. */
  readonly onSpeaking: (peer: Peer) => void;
  readonly onClosed: (peer: Peer, reason: string | undefined) => void;
};

const messageSlackBytes = 64 * 1024;
/** Each handshake, and each word that it has all, makes all its pieces be counted again. */
const mostRepeats = 16;

/** One peer of one torrent: the protocol's state, nothing of what to ask it or to give it. */
export class Peer {
  readonly address: string;
  readonly id: string;
  readonly outgoing: boolean;
  readonly wire: PeerWire;
  /** What it has, as it said. */
  pieces: Bitfield;
  /** It lets us ask. */
  unchoked = false;
  interested = false;
  receivedBytes = 0;
  sentBytes = 0;
  extended: ExtendedHandshake | undefined;
  readonly #owner: PeerOwner;
  readonly #fast: boolean;
  readonly #isExtended: boolean;
  #handshakes = 0;
  #haveAlls = 0;

  constructor(connection: PeerConnection, owner: PeerOwner, own: OwnHandshake) {
    this.address = connection.address;
    this.outgoing = connection.outgoing;
    this.id = connection.handshake.peerId.toString('hex');
    this.#fast = connection.handshake.fast;
    this.#owner = owner;
    this.pieces = new Bitfield(owner.metainfo.pieceCount);
    const longest = Math.max(longestRequestBytes, this.pieces.bytes.length) + messageSlackBytes;
    this.wire = connection.open(
      {
        onMessage: (message) => this.#onMessage(message),
        blockTarget: (range) => owner.blockTarget(this, range),
        onBlock: (range) => {
          this.receivedBytes += range.lengthBytes;
          owner.onBlock(this, range);
        },
        onDrain: () => owner.onDrain(this),
        onClosed: (reason) => owner.onClosed(this, reason),
      },
      longest,
    );
    this.#isExtended = connection.handshake.extended;
    this.sendHandshake(own);
  }

  /** One of our own agents or frontends. */
  get own(): boolean {
    return this.extended?.screeId !== undefined;
  }

  get frontend(): boolean {
    return this.own && this.extended?.frontend === true;
  }

  /** How long the blocks are that it may be asked for. */
  get blockBytes(): number {
    return this.own ? ownBlockBytes : standardBlockBytes;
  }

  /** Says what we have; must be the first thing said behind the handshakes. */
  introduce(held: Bitfield): void {
    if (held.count > 0) this.wire.send(encodeBitfield(held.bytes));
    else if (this.#fast) this.wire.send(encodeBare('haveNone'));
    this.wire.send(encodeBare('unchoke'));
  }

  /** BEP 10: it may be said again when something in it has changed. */
  sendHandshake(own: OwnHandshake): void {
    if (this.#isExtended) this.wire.send(encodeExtended(0, encodeExtendedHandshake(own)));
  }

  sendInterested(): void {
    this.wire.send(encodeBare('interested'));
  }

  /** Tells of pieces that we have: one batch to our own, one message each to others. */
  sendHaves(pieces: readonly number[]): void {
    const id = this.extended?.screeId;
    if (id !== undefined) this.wire.send(encodeExtended(id, encodePieces('haves', pieces)));
    else this.wire.send(Buffer.concat(pieces.map(encodeHave)));
  }

  /** BEP 54. Says nothing to those who do not know it: their requests get rejected. */
  sendDonthaves(pieces: readonly number[]): void {
    const id = this.extended?.donthaveId;
    if (id === undefined) return;
    const messages = pieces.map((piece) => encodeExtended(id, encodeDonthave(piece)));
    this.wire.send(Buffer.concat(messages));
  }

  sendClaims(pieces: readonly number[]): void {
    const id = this.extended?.screeId;
    if (id !== undefined) this.wire.send(encodeExtended(id, encodePieces('claims', pieces)));
  }

  sendWants(ranges: readonly WantedRange[]): void {
    const id = this.extended?.screeId;
    if (id !== undefined) this.wire.send(encodeExtended(id, encodeWants(ranges)));
  }

  sendRange(type: 'request' | 'cancel', range: BlockRange): void {
    this.#owner.onSpeaking(this);
    this.wire.send(encodeRange(type, range));
  }

  /** `onSent` is called when the bytes are not looked at any more. */
  sendBlock(range: BlockRange, bytes: Buffer, onSent: () => void): void {
    this.#owner.onSpeaking(this);
    this.wire.sendBlock(range, bytes, onSent);
  }

  /** Without the fast extension there is no word for it: the asker's own patience has to do. */
  sendReject(range: BlockRange): void {
    if (this.#fast) this.wire.send(encodeRange('reject', range));
  }

  status(): PeerStatus {
    const { address, own, frontend, receivedBytes, sentBytes } = this;
    const { client = '' } = this.extended ?? {};
    return { address, client, own, frontend, pieces: this.pieces.count, receivedBytes, sentBytes };
  }

  #onMessage(message: WireMessage): void {
    switch (message.type) {
      case 'choke':
      case 'unchoke':
        this.unchoked = message.type === 'unchoke';
        return this.#owner.onChokeChange(this);
      case 'interested':
      case 'notInterested':
        this.interested = message.type === 'interested';
        return this.#owner.onDrain(this);
      case 'have':
        return this.#addPieces([checkPiece(this.#owner.metainfo, message.piece)]);
      case 'bitfield':
        return this.#onBitfield(Bitfield.parse(message.bytes, this.pieces.length));
      case 'haveAll':
        this.#haveAlls += 1;
        return this.#addPieces(this.#haveAlls > mostRepeats ? [] : this.#allPieces());
      case 'request':
        return this.#owner.onRequest(this, checkRequest(this.#owner.metainfo, message));
      case 'cancel':
        return this.#owner.onCancel(this, message);
      case 'reject':
        return this.#owner.onReject(this, message);
      case 'extended':
        return this.#onExtended(message.id, message.payload);
      case 'haveNone':
      case 'ignored':
    }
  }

  /** Once behind the handshakes (BEP 3); aria2 sends it again later on. */
  #onBitfield(field: Bitfield | undefined): void {
    const text = `a bitfield that does not fit ${this.pieces.length} pieces`;
    if (field === undefined) throw new WireError('bad-message', text);
    this.#addPieces(this.#allPieces().filter((piece) => field.has(piece)));
  }

  #allPieces(): number[] {
    return Array.from({ length: this.pieces.length }, (_, piece) => piece);
  }

  #addPieces(pieces: readonly number[]): void {
    const fresh = pieces.filter((piece) => this.pieces.add(piece));
    if (fresh.length > 0) this.#owner.onPieces(this, fresh);
  }

  #onExtended(id: number, payload: Buffer): void {
    if (id === 0) return this.#onHandshake(payload);
    if (id === ownExtensionIds.donthave && payload.length === 4) {
      const piece = checkPiece(this.#owner.metainfo, payload.readUInt32BE());
      if (this.pieces.remove(piece)) this.#owner.onPieceGone(this, piece);
    }
    if (id !== ownExtensionIds.scree) return;
    const message = decodeScreeMessage(payload, this.pieces.length);
    if (message.kind === 'haves') this.#addPieces(message.pieces);
    else if (message.kind === 'claims') this.#owner.onClaims(this, message.pieces);
    else this.#owner.onWants(this, message.ranges);
  }

  #onHandshake(payload: Buffer): void {
    this.#handshakes += 1;
    if (this.#handshakes > mostRepeats) return;
    this.extended = decodeExtendedHandshake(payload);
    this.#owner.onReady(this);
  }
}
