import parseRange from 'range-parser';

/** Bytes `[startByte, endByte)` of a file. */
export type ByteRange = { readonly startByte: number; readonly endByte: number };

const maximumRanges = 256;

/**
 * What a Range header asks of a file (RFC 9110, 14.1.2): the ranges, coalesced where they touch,
 * in the order asked for; `unsatisfiable` (416); or `ignore` (200, the whole file) for another
 * unit, a malformed header, too many ranges, or an empty file, of which no range can be named.
 */
export function planRanges(
  header: string,
  sizeBytes: number,
): readonly ByteRange[] | 'unsatisfiable' | 'ignore' {
  const specs = /^\s*bytes\s*=(.*)$/is.exec(header)?.[1]?.split(',');
  if (specs === undefined || specs.length > maximumRanges || sizeBytes === 0) return 'ignore';
  const clamped = specs.map((spec) => clampSuffix(spec, sizeBytes)).join(',');
  const result = parseRange(sizeBytes, `bytes=${clamped}`, { combine: true });
  if (result === -2) return 'ignore';
  if (result === -1) return 'unsatisfiable';
  return result.map(({ start, end }) => ({ startByte: start, endByte: end + 1 }));
}

/** A suffix longer than the file means all of it; range-parser would call it unsatisfiable. */
function clampSuffix(spec: string, sizeBytes: number): string {
  const suffix = /^\s*-(\d+)\s*$/.exec(spec)?.[1];
  return suffix === undefined ? spec : `-${Math.min(Number(suffix), sizeBytes)}`;
}
