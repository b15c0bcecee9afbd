import type { Metainfo } from '../protocol/metainfo.ts';
import type { Demand } from './demand.ts';
import type { PieceBook } from './piece-book.ts';
import type { PieceStore } from './store/piece-store.ts';

export type ReaderDeps = {
  readonly metainfo: Metainfo;
  readonly book: PieceBook;
  readonly demand: Demand;
  readonly store: PieceStore;
  /** Something new is wanted. */
  readonly onDemand: () => void;
  readonly onUnreadable: (piece: number) => void;
};

/** The bytes of a range of the stream, piece by piece, as `TreeSwarm.read` promises. */
export async function* readPieces(
  deps: ReaderDeps,
  range: { readonly startByte: number; readonly endByte: number },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  if (range.startByte >= range.endByte) return;
  const { pieceLengthBytes } = deps.metainfo;
  const first = Math.floor(range.startByte / pieceLengthBytes);
  const end = Math.ceil(range.endByte / pieceLengthBytes);
  deps.book.ask({ first, end });
  const demand = deps.demand.open({ first, end });
  deps.onDemand();
  try {
    for (let piece = first; piece < end; piece += 1) {
      const bytes = await pieceBytes(deps, piece, signal);
      const start = piece * pieceLengthBytes;
      yield bytes.subarray(Math.max(0, range.startByte - start), range.endByte - start);
      deps.book.consume(piece);
      demand.advance(piece + 1);
      if (piece + 1 < end) deps.onDemand();
    }
  } finally {
    demand.close();
  }
}

async function pieceBytes(deps: ReaderDeps, piece: number, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  if (deps.book.held.has(piece)) {
    try {
      return await deps.store.get(piece);
    } catch {
      deps.onUnreadable(piece);
      deps.onDemand();
    }
  }
  return await deps.book.waitFor(piece, signal);
}
