import { constants } from 'node:fs';
import type { FileIdentity } from './identity.ts';

/** Where a file's bytes lie: a file of its own, or parts of an image, in order. */
export type FileLocation = {
  /** Absolute. */
  readonly path: string;
  readonly extents?: readonly Extent[];
};

export type Extent = { readonly offsetBytes: number; readonly sizeBytes: number };

/** A location, and the identity of the file at its path when the bytes were as expected. */
export type KnownLocation = FileLocation & { readonly identity: FileIdentity };

/** A link is never followed, and a pipe never waited for. */
export const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Bytes `[startByte, endByte)` of the file, as parts of what lies at the location's path. */
export function extentsUnder(
  location: FileLocation,
  startByte: number,
  endByte: number,
): readonly Extent[] {
  if (location.extents === undefined) {
    return startByte < endByte ? [{ offsetBytes: startByte, sizeBytes: endByte - startByte }] : [];
  }
  const parts: Extent[] = [];
  let extentStart = 0;
  for (const { offsetBytes, sizeBytes } of location.extents) {
    const start = Math.max(startByte - extentStart, 0);
    const end = Math.min(endByte - extentStart, sizeBytes);
    if (start < end) parts.push({ offsetBytes: offsetBytes + start, sizeBytes: end - start });
    extentStart += sizeBytes;
  }
  return parts;
}
