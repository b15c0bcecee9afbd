import type { Metainfo } from '../protocol/metainfo.ts';
import type { Demand } from './demand.ts';
import type { Holdings } from './holdings.ts';

export type ReaderDeps = {
  readonly metainfo: Metainfo;
  readonly holdings: Holdings;
  readonly demand: Demand;
  /** Something new is wanted. */
  readonly onDemand: () => void;
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
  deps.holdings.book.ask({ first, end });
  const demand = deps.demand.open({ first, end });
  deps.onDemand();
  try {
    for (let piece = first; piece < end; piece += 1) {
      const bytes = await pieceBytes(deps, piece, signal);
      const start = piece * pieceLengthBytes;
      yield bytes.subarray(Math.max(0, range.startByte - start), range.endByte - start);
      deps.holdings.book.consume(piece);
      demand.advance(piece + 1);
      if (piece + 1 < end) deps.onDemand();
    }
  } finally {
    demand.close();
  }
}

async function pieceBytes(deps: ReaderDeps, piece: number, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  if (deps.holdings.book.held.has(piece)) {
    try {
      return await deps.holdings.get(piece);
    } catch {
      deps.holdings.lose(piece);
      deps.onDemand();
    }
  }
  return deps.holdings.book.waitFor(piece, signal);
}
