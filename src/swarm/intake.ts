import type { Metainfo } from '../protocol/metainfo.ts';
import type { Download } from './downloads.ts';
import type { PieceBuffer, PieceBuffers } from './store/piece-buffers.ts';
import type { TrackerReport } from './tracker-report.ts';

/** Whether these bytes are the piece. */
export type Verifies = (metainfo: Metainfo, piece: number, bytes: Buffer) => boolean;

export type IntakeDeps = {
  readonly metainfo: Metainfo;
  readonly buffers: PieceBuffers;
  readonly verifies: Verifies;
  readonly keep: (piece: number, buffer: PieceBuffer) => void;
  readonly report?: TrackerReport | undefined;
};

/** Where pieces come in: nothing passes here that does not have the torrent's hash. */
export class Intake {
  readonly counters = {
    receivedFromFrontendBytes: 0,
    receivedFromPeersBytes: 0,
    receivedByHttpBytes: 0,
    badPieces: 0,
  };
  readonly #deps: IntakeDeps;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** False when the piece was wrong. The download's buffer is released. */
  fromPeer({ peer, piece, buffer }: Download): boolean {
    const { length } = buffer.bytes;
    const isRight = this.#verifies(piece, buffer.bytes);
    if (isRight) {
      if (peer.frontend) this.counters.receivedFromFrontendBytes += length;
      else this.counters.receivedFromPeersBytes += length;
      this.#deps.report?.received(peer, length);
      this.#deps.keep(piece, buffer);
    }
    buffer.release();
    return isRight;
  }

  byHttp(piece: number, bytes: Buffer): void {
    this.counters.receivedByHttpBytes += bytes.length;
    if (!this.#verifies(piece, bytes)) return;
    const buffer = this.#deps.buffers.takeFor(bytes);
    this.#deps.keep(piece, buffer);
    buffer.release();
  }

  #verifies(piece: number, bytes: Buffer): boolean {
    const isRight = this.#deps.verifies(this.#deps.metainfo, piece, bytes);
    if (!isRight) this.counters.badPieces += 1;
    return isRight;
  }
}
