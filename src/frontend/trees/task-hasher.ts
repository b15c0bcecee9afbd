import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { TreeError } from './errors.ts';
import type { HashPart, HashTask } from './hash-plan.ts';
import { type FileIdentity, identityOf, sameIdentity } from './identity.ts';
import { extentsUnder, type FileLocation, openFlags } from './location.ts';
import { createPieceHasher, type PieceHasher } from './piece-hasher.ts';

export type HashWorkerData = {
  readonly pieceLengthBytes: number;
  /** One BigInt64: bytes read by all workers. */
  readonly progress: SharedArrayBuffer;
};

/** A file to read; with an identity, it has to be that of the file from beginning to end. */
export type HashSource = FileLocation & { readonly identity: FileIdentity | undefined };

export type HashRequest = {
  readonly task: HashTask;
  /** One for each part of the task. */
  readonly sources: readonly HashSource[];
};

export type HashResult =
  | {
      readonly kind: 'hashed';
      readonly firstPiece: number;
      readonly pieceHashes: Uint8Array;
      /** By the files' places in the stream. */
      readonly sha256s: ReadonlyMap<number, string>;
    }
  | { readonly kind: 'changed' | 'unreadable'; readonly at: number; readonly reason: string };

const bufferBytes = 1024 * 1024;
// From here on the thread pool hashes the pieces while this thread hashes the file.
const longTaskBytes = 64 * 1024 * 1024;

/** Returns what hashes one task in one reading. What files are like never makes it reject. */
export function createTaskHasher(
  data: HashWorkerData,
): (request: HashRequest) => Promise<HashResult> {
  const { pieceLengthBytes } = data;
  const progress = new BigInt64Array(data.progress);
  const buffer = Buffer.allocUnsafeSlow(Math.max(bufferBytes, pieceLengthBytes));
  return async ({ task, sources }) => {
    const inThreadPool = sizeOf(task) >= longTaskBytes;
    const pieces = createPieceHasher({ task, buffer, pieceLengthBytes, inThreadPool });
    const sha256s = new Map<number, string>();
    for (const [place, part] of task.parts.entries()) {
      const source = sources[place];
      if (source === undefined) throw new Error(`part ${place} has no source`);
      try {
        const sha256 = await hashPart({ part, source, pieces, progress });
        if (sha256 !== undefined) sha256s.set(part.at, sha256);
      } catch (error) {
        return findingOf(error, part.at);
      }
    }
    const pieceHashes = await pieces.end();
    return { kind: 'hashed', firstPiece: task.firstPiece, pieceHashes, sha256s };
  };
}

type PartContext = {
  readonly part: HashPart;
  readonly source: HashSource;
  readonly pieces: PieceHasher;
  readonly progress: BigInt64Array;
};

async function hashPart(context: PartContext): Promise<string | undefined> {
  const { part, source } = context;
  const sha256 = part.wholeFile ? createHash('sha256') : undefined;
  const file = openSync(source.path, openFlags);
  try {
    const before = statOf(file);
    if (source.identity !== undefined) expectSame(source.identity, before);
    for (const { offsetBytes, sizeBytes } of extentsUnder(source, part.startByte, part.endByte)) {
      await readExtent({ ...context, file, sha256 }, offsetBytes, offsetBytes + sizeBytes);
    }
    expectSame(before, statOf(file));
  } finally {
    closeSync(file);
  }
  return sha256?.digest('hex');
}

async function readExtent(
  context: PartContext & { readonly file: number; readonly sha256: Hash | undefined },
  startByte: number,
  endByte: number,
): Promise<void> {
  const { pieces, progress, file, sha256 } = context;
  for (let position = startByte; position < endByte; ) {
    const room = pieces.room();
    const count = readSync(file, room, 0, Math.min(room.length, endByte - position), position);
    if (count === 0) throw new TreeError('changed', 'it became shorter');
    sha256?.update(room.subarray(0, count));
    const wait = pieces.advance(count);
    if (wait !== undefined) await wait;
    Atomics.add(progress, 0, BigInt(count));
    position += count;
  }
}

function statOf(file: number): FileIdentity {
  const stat = fstatSync(file, { bigint: true });
  if (!stat.isFile()) throw new TreeError('changed', 'it is no plain file any more');
  return identityOf(stat);
}

function expectSame(before: FileIdentity, after: FileIdentity): void {
  if (!sameIdentity(before, after)) throw new TreeError('changed', 'it was written to meanwhile');
}

function findingOf(error: unknown, at: number): HashResult {
  const reason = messageOf(error);
  if (error instanceof TreeError || hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) {
    return { kind: 'changed', at, reason };
  }
  if (error instanceof Error && 'syscall' in error) return { kind: 'unreadable', at, reason };
  throw error;
}

function sizeOf(task: HashTask): number {
  return task.parts.reduce((sum, part) => sum + part.endByte - part.startByte, 0);
}
