import type { Metainfo } from '../protocol/metainfo.ts';
import type { Demand } from './demand.ts';
import type { Holdings } from './holdings.ts';
import type { PieceRange } from './piece-range.ts';
import type { PieceBuffer } from './store/piece-buffers.ts';
import type { ReadOptions, StreamRange } from './types.ts';

export type ReaderDeps = {
  readonly metainfo: Metainfo;
  readonly holdings: Holdings;
  readonly demand: Demand;
  /** Something new is wanted. */
  readonly onDemand: () => void;
};

/** Writes the bytes of a range of the stream, piece by piece, as `TreeSwarm.read` promises. */
export async function readPieces(
  deps: ReaderDeps,
  range: StreamRange,
  options: ReadOptions,
): Promise<void> {
  if (range.startByte >= range.endByte) return;
  const { pieceLengthBytes } = deps.metainfo;
  const { first, end } = piecesUnder(range, deps.metainfo);
  deps.holdings.book.ask({ first, end });
  const demand = deps.demand.open({ first, end });
  try {
    deps.onDemand();
    for (let piece = first; piece < end; piece += 1) {
      const buffer = await getPiece(deps, piece, options);
      const start = piece * pieceLengthBytes;
      const from = Math.max(0, range.startByte - start);
      const bytes = buffer.bytes.subarray(from, range.endByte - start);
      await options.write(bytes);
      // Not after an error: who knows what still reads it then.
      buffer.release();
      deps.holdings.book.consume(piece, bytes.length);
      demand.advance(piece + 1);
      if (piece + 1 < end) deps.onDemand();
    }
  } finally {
    demand.close();
  }
}

export function piecesUnder(
  { startByte, endByte }: StreamRange,
  { pieceLengthBytes }: Pick<Metainfo, 'pieceLengthBytes'>,
): PieceRange {
  return {
    first: Math.floor(startByte / pieceLengthBytes),
    end: Math.ceil(endByte / pieceLengthBytes),
  };
}

async function getPiece(
  deps: ReaderDeps,
  piece: number,
  { signal, patienceMs }: ReadOptions,
): Promise<PieceBuffer> {
  const { book } = deps.holdings;
  for (;;) {
    signal.throwIfAborted();
    if (!book.held.has(piece)) await book.waitFor(piece, signal, patienceMs);
    try {
      return await deps.holdings.get(piece);
    } catch {
      deps.holdings.lose(piece);
      deps.onDemand();
    }
  }
}
