import { readSync } from 'node:fs';
import type { FilePart } from './types.ts';

/**
 * Fills the target from there on, and returns with how many bytes there were: fewer where a part
 * has become shorter than it was. Reads at once: the thread has nothing to do that could not wait
 * for a page of memory.
 */
export function readParts(parts: readonly FilePart[], target: Buffer, offsetBytes: number): number {
  let filled = 0;
  let partStart = 0;
  for (const part of parts) {
    const partEnd = partStart + sizeOf(part);
    const from = offsetBytes + filled;
    const to = Math.min(offsetBytes + target.length, partEnd);
    if (from < to) {
      const count = readPart(part, from - partStart, target.subarray(filled, filled + to - from));
      filled += count;
      if (count < to - from) break;
    }
    partStart = partEnd;
  }
  return filled;
}

function sizeOf(part: FilePart): number {
  return 'bytes' in part ? part.bytes.length : part.sizeBytes;
}

function readPart(part: FilePart, offset: number, target: Buffer): number {
  if ('bytes' in part) {
    target.set(part.bytes.subarray(offset, offset + target.length));
    return target.length;
  }
  let filled = 0;
  while (filled < target.length) {
    const room = target.length - filled;
    const count = readSync(part.descriptor, target, filled, room, offset + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}
