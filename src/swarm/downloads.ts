import { type Metainfo, pieceSizeBytes } from '../protocol/metainfo.ts';
import type { BlockRange } from '../protocol/peer-wire/messages.ts';
import type { Peer } from './peer.ts';
import type { PieceBuffer, PieceBuffers } from './store/piece-buffers.ts';

/** One piece on its way from one peer. */
export type Download = {
  readonly peer: Peer;
  readonly piece: number;
  readonly buffer: PieceBuffer;
  readonly startedAtMs: number;
  readonly blockBytes: number;
  readonly missing: Set<number>;
};

/** Which pieces have been asked of whom. A piece comes whole from one peer, so it can be blamed. */
export class Downloads {
  readonly #metainfo: Metainfo;
  readonly #buffers: PieceBuffers;
  readonly #byPiece = new Map<number, Download[]>();
  readonly #byPeer = new Map<Peer, Map<number, Download>>();
  /** What the block is for that is coming in from each peer. */
  readonly #arriving = new Map<Peer, Download>();
  #count = 0;
  #started = 0;
  #givenUp = 0;

  constructor(metainfo: Metainfo, buffers: PieceBuffers) {
    this.#metainfo = metainfo;
    this.#buffers = buffers;
  }

  /** How many pieces are on their way, each counted once for every peer asked. */
  get count(): number {
    return this.#count;
  }

  /** Grows with all that changes here. */
  get changes(): number {
    return 2 * this.#started - this.#count;
  }

  /** How often a piece has become free to be asked of somebody else. */
  get givenUp(): number {
    return this.#givenUp;
  }

  countOf(peer: Peer): number {
    return this.#byPeer.get(peer)?.size ?? 0;
  }

  /** When the first was asked for of what this peer has not given yet; without any: `nowMs`. */
  oldestMsOf(peer: Peer, nowMs: number): number {
    const [first] = this.#byPeer.get(peer)?.values() ?? [];
    return first?.startedAtMs ?? nowMs;
  }

  has(piece: number): boolean {
    return this.#byPiece.has(piece);
  }

  of(piece: number): readonly Download[] {
    return this.#byPiece.get(piece) ?? [];
  }

  pieces(): IterableIterator<number> {
    return this.#byPiece.keys();
  }

  start(peer: Peer, piece: number, nowMs: number): void {
    const sizeBytes = pieceSizeBytes(this.#metainfo, piece);
    const blocks = blocksOf(piece, sizeBytes, peer.blockBytes);
    const download: Download = {
      peer,
      piece,
      buffer: this.#buffers.take(sizeBytes),
      startedAtMs: nowMs,
      blockBytes: peer.blockBytes,
      missing: new Set(blocks.map((block) => block.beginByte)),
    };
    this.#byPiece.set(piece, [...this.of(piece), download]);
    const ofPeer = this.#byPeer.get(peer) ?? new Map<number, Download>();
    this.#byPeer.set(peer, ofPeer.set(piece, download));
    this.#count += 1;
    this.#started += 1;
    for (const block of blocks) peer.sendRange('request', block);
  }

  /** Where a block's bytes go; undefined when it was not asked for, or is here already. */
  target(peer: Peer, range: BlockRange): Buffer | undefined {
    const download = this.#byPeer.get(peer)?.get(range.piece);
    if (download?.missing.has(range.beginByte) !== true) return undefined;
    const end = range.beginByte + range.lengthBytes;
    const { bytes } = download.buffer;
    const expected = Math.min(download.blockBytes, bytes.length - range.beginByte);
    if (range.lengthBytes !== expected) return undefined;
    this.#arriving.set(peer, download);
    return bytes.subarray(range.beginByte, end);
  }

  /** A block has arrived. Returns the download when that was its last one: its buffer is yours. */
  received(peer: Peer, range: BlockRange): Download | undefined {
    const download = this.#byPeer.get(peer)?.get(range.piece);
    // It may have been for a download that was given up in the middle, and begun anew since.
    if (download === undefined || this.#arriving.get(peer) !== download) return undefined;
    this.#arriving.delete(peer);
    download.missing.delete(range.beginByte);
    if (download.missing.size > 0) return undefined;
    this.#forget(download);
    return download;
  }

  /** The piece is here: whoever else was asked for it is told to save the trouble. */
  cancel(piece: number): void {
    for (const download of this.of(piece)) this.abandon(download);
  }

  /** Gives one download up and says so. */
  abandon(download: Download): void {
    for (const beginByte of download.missing) {
      const rest = download.buffer.bytes.length - beginByte;
      const lengthBytes = Math.min(download.blockBytes, rest);
      download.peer.sendRange('cancel', { piece: download.piece, beginByte, lengthBytes });
    }
    this.#discard(download);
  }

  /** The peer will not send it. False: it was not asked for it. */
  reject(peer: Peer, piece: number): boolean {
    const download = this.#byPeer.get(peer)?.get(piece);
    if (download !== undefined) this.#discard(download);
    return download !== undefined;
  }

  /** Nothing more comes from this peer. */
  drop(peer: Peer): void {
    for (const download of this.ofPeer(peer)) this.#discard(download);
    this.#byPeer.delete(peer);
    this.#arriving.delete(peer);
  }

  ofPeer(peer: Peer): readonly Download[] {
    return [...(this.#byPeer.get(peer)?.values() ?? [])];
  }

  #discard(download: Download): void {
    const isArriving = this.#arriving.get(download.peer) === download;
    // The block that is coming in goes on into this memory.
    if (this.#forget(download) && !isArriving) download.buffer.release();
  }

  #forget(download: Download): boolean {
    if (this.#byPeer.get(download.peer)?.delete(download.piece) !== true) return false;
    this.#count -= 1;
    this.#givenUp += download.missing.size > 0 ? 1 : 0;
    const others = this.of(download.piece).filter((other) => other !== download);
    if (others.length === 0) this.#byPiece.delete(download.piece);
    else this.#byPiece.set(download.piece, others);
    return true;
  }
}

function blocksOf(piece: number, sizeBytes: number, blockBytes: number): BlockRange[] {
  const blocks: BlockRange[] = [];
  for (let beginByte = 0; beginByte < sizeBytes; beginByte += blockBytes) {
    const lengthBytes = Math.min(blockBytes, sizeBytes - beginByte);
    blocks.push({ piece, beginByte, lengthBytes });
  }
  return blocks;
}
