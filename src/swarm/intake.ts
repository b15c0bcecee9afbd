import { hash } from 'node:crypto';
import type { Metainfo } from '../protocol/metainfo.ts';
import type { Download, Downloads } from './downloads.ts';
import type { HaveBatches } from './have-batches.ts';
import type { Peer } from './peer.ts';
import type { PieceBook } from './piece-book.ts';
import type { PieceStore } from './store/piece-store.ts';

export type IntakeDeps = {
  readonly metainfo: Metainfo;
  readonly book: PieceBook;
  readonly downloads: Downloads;
  readonly store: PieceStore;
  readonly haves: HaveBatches;
  readonly onLiar: (peer: Peer) => void;
  readonly onComplete: () => void;
};

const fewCopies = 3;

/** Where pieces come in: nothing passes here that does not have the torrent's hash. */
export class Intake {
  readonly counters = {
    receivedFromFrontendBytes: 0,
    receivedFromPeersBytes: 0,
    receivedByHttpBytes: 0,
    badPieces: 0,
  };
  readonly #deps: IntakeDeps;
  #completed = false;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** False when the piece was wrong; its sender is then told on. */
  fromPeer(download: Download): boolean {
    const { peer, piece, bytes } = download;
    if (!this.#verifies(piece, bytes)) {
      this.counters.badPieces += 1;
      this.#deps.onLiar(peer);
      return false;
    }
    if (peer.frontend) this.counters.receivedFromFrontendBytes += bytes.length;
    else this.counters.receivedFromPeersBytes += bytes.length;
    this.#keep(piece, bytes);
    return true;
  }

  byHttp(piece: number, bytes: Buffer): void {
    this.counters.receivedByHttpBytes += bytes.length;
    if (this.#verifies(piece, bytes)) this.#keep(piece, bytes);
    else this.counters.badPieces += 1;
  }

  #verifies(piece: number, bytes: Buffer): boolean {
    const expected = this.#deps.metainfo.pieceHashes.subarray(piece * 20, piece * 20 + 20);
    return hash('sha1', bytes, 'buffer').equals(expected);
  }

  #keep(piece: number, bytes: Buffer): void {
    const { book, downloads, store, haves } = this.#deps;
    downloads.cancel(piece);
    if (book.held.has(piece)) return;
    book.add(piece, bytes);
    store.put(piece, bytes);
    haves.add(piece, book.copiesOf(piece) < fewCopies);
    if (!book.held.isComplete || this.#completed) return;
    this.#completed = true;
    this.#deps.onComplete();
  }
}
