import { hash } from 'node:crypto';
import type { Metainfo } from '../protocol/metainfo.ts';
import type { Download } from './downloads.ts';

/** Where pieces come in: nothing passes here that does not have the torrent's hash. */
export class Intake {
  readonly counters = {
    receivedFromFrontendBytes: 0,
    receivedFromPeersBytes: 0,
    receivedByHttpBytes: 0,
    badPieces: 0,
  };
  readonly #metainfo: Metainfo;
  readonly #keep: (piece: number, bytes: Buffer) => void;

  constructor(metainfo: Metainfo, keep: (piece: number, bytes: Buffer) => void) {
    this.#metainfo = metainfo;
    this.#keep = keep;
  }

  /** False when the piece was wrong. */
  fromPeer({ peer, piece, bytes }: Download): boolean {
    if (!this.#verifies(piece, bytes)) return false;
    if (peer.frontend) this.counters.receivedFromFrontendBytes += bytes.length;
    else this.counters.receivedFromPeersBytes += bytes.length;
    this.#keep(piece, bytes);
    return true;
  }

  byHttp(piece: number, bytes: Buffer): void {
    this.counters.receivedByHttpBytes += bytes.length;
    if (this.#verifies(piece, bytes)) this.#keep(piece, bytes);
  }

  #verifies(piece: number, bytes: Buffer): boolean {
    const expected = this.#metainfo.pieceHashes.subarray(piece * 20, piece * 20 + 20);
    const isRight = hash('sha1', bytes, 'buffer').equals(expected);
    if (!isRight) this.counters.badPieces += 1;
    return isRight;
  }
}
