import { type Metainfo, pieceSizeBytes } from '../protocol/metainfo.ts';
import { type BlockRange, WireError } from '../protocol/peer-wire/messages.ts';

export const longestRequestBytes = 128 * 1024;

/** A request that can be served; throws WireError `bad-message` for any other. */
export function checkRequest(metainfo: Metainfo, range: BlockRange): BlockRange {
  const { piece, beginByte, lengthBytes } = range;
  const size = piece < metainfo.pieceCount ? pieceSizeBytes(metainfo, piece) : 0;
  const fits = beginByte + lengthBytes <= size;
  if (fits && lengthBytes > 0 && lengthBytes <= longestRequestBytes) return range;
  const asked = `asked for bytes ${beginByte}+${lengthBytes} of piece ${piece}`;
  throw new WireError('bad-message', `${asked} (${size} bytes)`);
}

/** A piece that there is; throws WireError `bad-message` for any other. */
export function checkPiece(metainfo: Metainfo, piece: number): number {
  if (piece < metainfo.pieceCount) return piece;
  throw new WireError('bad-message', `spoke of piece ${piece} of ${metainfo.pieceCount}`);
}
