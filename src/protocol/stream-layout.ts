/** A part of the file at place `at`: bytes `[startByte, endByte)` of the file itself. */
export type LayoutSpan = {
  readonly at: number;
  readonly startByte: number;
  readonly endByte: number;
};

export type StreamLayout = {
  readonly totalSizeBytes: number;
  /** Where the file at this place starts in the stream. */
  readonly offsetOf: (at: number) => number;
  /** The files under `[startByte, endByte)` of the stream, cut at its end; never an empty one. */
  readonly spans: (startByte: number, endByte: number) => LayoutSpan[];
};

/** Files of these sizes one behind the other, as in a BEP 3 torrent. */
export function createStreamLayout(sizesBytes: readonly number[]): StreamLayout {
  const offsets = new Float64Array(sizesBytes.length + 1);
  for (const [at, size] of sizesBytes.entries()) offsets[at + 1] = (offsets[at] ?? 0) + size;
  return {
    totalSizeBytes: offsets.at(-1) ?? 0,
    offsetOf: (at) => offsets[at] ?? 0,
    spans: (startByte, endByte) => spansOf(offsets, startByte, endByte),
  };
}

function spansOf(offsets: Float64Array, startByte: number, endByte: number): LayoutSpan[] {
  const spans: LayoutSpan[] = [];
  const fileCount = offsets.length - 1;
  for (let at = lastStartingAtOrBefore(offsets, startByte); at < fileCount; at += 1) {
    const offset = offsets[at] ?? 0;
    if (offset >= endByte) break;
    const start = Math.max(startByte - offset, 0);
    const end = Math.min(endByte, offsets[at + 1] ?? 0) - offset;
    if (start < end) spans.push({ at, startByte: start, endByte: end });
  }
  return spans;
}

function lastStartingAtOrBefore(offsets: Float64Array, byte: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0) <= byte) low = middle;
    else high = middle;
  }
  return low;
}
