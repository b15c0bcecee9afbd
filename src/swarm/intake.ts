import { hash } from 'node:crypto';
import type { Metainfo } from '../protocol/metainfo.ts';
import type { Download } from './downloads.ts';
import type { PieceBuffer, PieceBuffers } from './store/piece-buffers.ts';

/** Where pieces come in: nothing passes here that does not have the torrent's hash. */
export class Intake {
  readonly counters = {
    receivedFromFrontendBytes: 0,
    receivedFromPeersBytes: 0,
    receivedByHttpBytes: 0,
    badPieces: 0,
  };
  readonly #metainfo: Metainfo;
  readonly #buffers: PieceBuffers;
  readonly #keep: (piece: number, buffer: PieceBuffer) => void;

  constructor(
    metainfo: Metainfo,
    buffers: PieceBuffers,
    keep: (piece: number, buffer: PieceBuffer) => void,
  ) {
    this.#metainfo = metainfo;
    this.#buffers = buffers;
    this.#keep = keep;
  }

  /** False when the piece was wrong. The download's buffer is released. */
  fromPeer({ peer, piece, buffer }: Download): boolean {
    const { length } = buffer.bytes;
    const isRight = this.#verifies(piece, buffer.bytes);
    if (isRight) {
      if (peer.frontend) this.counters.receivedFromFrontendBytes += length;
      else this.counters.receivedFromPeersBytes += length;
      this.#keep(piece, buffer);
    }
    buffer.release();
    return isRight;
  }

  byHttp(piece: number, bytes: Buffer): void {
    this.counters.receivedByHttpBytes += bytes.length;
    if (!this.#verifies(piece, bytes)) return;
    const buffer = this.#buffers.takeFor(bytes);
    this.#keep(piece, buffer);
    buffer.release();
  }

  #verifies(piece: number, bytes: Buffer): boolean {
    const expected = this.#metainfo.pieceHashes.subarray(piece * 20, piece * 20 + 20);
    const isRight = hash('sha1', bytes, 'buffer').equals(expected);
    if (!isRight) this.counters.badPieces += 1;
    return isRight;
  }
}
