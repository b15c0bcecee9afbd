import { createStreamLayout } from '../../protocol/stream-layout.ts';

export type ComposedFile = {
  readonly sizeBytes: number;
  /** Undefined while nothing is known of the content. */
  readonly sha256: string | undefined;
};

/**
 * What each piece consists of, as a key: the contents, and which part of each. Pieces with the
 * same key have the same hash, in any torrent. Undefined where a content is not known.
 */
export function* pieceCompositions(
  files: readonly ComposedFile[],
  pieceLengthBytes: number,
): Generator<string | undefined> {
  const layout = createStreamLayout(files.map((file) => file.sizeBytes));
  for (let start = 0; start < layout.totalSizeBytes; start += pieceLengthBytes) {
    const parts = layout.spans(start, start + pieceLengthBytes).map((span) => {
      const sha256 = files[span.at]?.sha256;
      return sha256 && `${sha256}:${span.startByte}-${span.endByte}`;
    });
    yield parts.includes(undefined) ? undefined : parts.join();
  }
}
