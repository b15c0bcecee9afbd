import { hashInWorkers } from './hash-pool.ts';
import type { KnownLocation } from './location.ts';
import { createTaskHasher, type HashRequest, type HashResult } from './task-hasher.ts';

// Less is hashed here sooner than a thread starts.
const smallBytes = 4 * 1024 * 1024;
// Nothing is asked of pieces; any length will do.
const pieceLengthBytes = 1024 * 1024;

export type ContentFinding =
  | { readonly kind: 'sha256'; readonly sha256: string }
  | { readonly kind: 'changed' | 'unreadable'; readonly reason: string };

/** The SHA-256 of a file that has this identity from beginning to end. */
export async function hashContent(
  location: KnownLocation,
  sizeBytes: number,
): Promise<ContentFinding> {
  const part = { at: 0, startByte: 0, endByte: sizeBytes, wholeFile: true };
  const task = { startByte: 0, firstPiece: 0, pieceCount: 0, parts: [part] };
  const request = { task, sources: [location] };
  const result = sizeBytes <= smallBytes ? await hashHere(request) : await hashElsewhere(request);
  if (result.kind !== 'hashed') return result;
  return { kind: 'sha256', sha256: result.sha256s.get(0) ?? '' };
}

function hashHere(request: HashRequest): Promise<HashResult> {
  return createTaskHasher({ pieceLengthBytes, progress: new SharedArrayBuffer(8) })(request);
}

async function hashElsewhere(request: HashRequest): Promise<HashResult> {
  let result: HashResult = { kind: 'unreadable', at: 0, reason: 'nothing came back' };
  await hashInWorkers([request], {
    pieceLengthBytes,
    onResult: (found) => {
      result = found;
    },
  });
  return result;
}
