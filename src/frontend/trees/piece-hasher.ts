import { hash } from 'node:crypto';
import type { HashTask } from './hash-plan.ts';

export type PieceHasher = {
  /** Where the next bytes of the stream belong; at least one byte of room. */
  readonly room: () => Buffer;
  /** So many bytes have been put there. A promise when there is something to wait for. */
  readonly advance: (bytes: number) => Promise<void> | undefined;
  /** The hashes of the task's pieces, 20 bytes each. */
  readonly end: () => Promise<Buffer>;
};

type Digest = (bytes: Uint8Array, into: Uint8Array) => Promise<void> | undefined;

/**
 * Collects a task's bytes piece by piece in `buffer` (whole pieces long) and hashes each piece
 * (SHA-1): here, or in the thread pool, which is faster for long files and costs more.
 */
export function createPieceHasher(options: {
  readonly task: HashTask;
  readonly buffer: Buffer;
  readonly pieceLengthBytes: number;
  readonly inThreadPool: boolean;
}): PieceHasher {
  const { task, buffer, pieceLengthBytes, inThreadPool } = options;
  const digest: Digest = inThreadPool ? digestInThreadPool : digestHere;
  const hashes = Buffer.alloc(task.pieceCount * 20);
  let bufferPiece = Math.floor(task.startByte / pieceLengthBytes) - task.firstPiece;
  let filledBytes = task.startByte % pieceLengthBytes;
  let underWay: Promise<unknown> | undefined;

  const flush = (): Promise<void> | undefined => {
    const begun: Promise<void>[] = [];
    for (let start = 0; start < filledBytes; start += pieceLengthBytes) {
      const into = hashAt(hashes, bufferPiece);
      bufferPiece += 1;
      const bytes = buffer.subarray(start, Math.min(start + pieceLengthBytes, filledBytes));
      const waiting = into === undefined ? undefined : digest(bytes, into);
      if (waiting !== undefined) begun.push(waiting);
    }
    filledBytes = 0;
    const before = underWay;
    underWay = begun.length > 0 ? Promise.all(begun) : undefined;
    return before?.then(() => {});
  };
  return {
    room: () => buffer.subarray(filledBytes),
    advance: (bytes) => {
      filledBytes += bytes;
      return filledBytes === buffer.length ? flush() : undefined;
    },
    end: async () => {
      await flush();
      await underWay;
      return hashes;
    },
  };
}

/** Undefined for a piece that is another task's. */
function hashAt(hashes: Buffer, piece: number): Buffer | undefined {
  const start = piece * 20;
  return start >= 0 && start < hashes.length ? hashes.subarray(start, start + 20) : undefined;
}

function digestHere(bytes: Uint8Array, into: Uint8Array): undefined {
  into.set(hash('sha1', bytes, 'buffer'));
}

// The bytes are copied before this returns, so the buffer can be filled again at once.
async function digestInThreadPool(bytes: Uint8Array, into: Uint8Array): Promise<void> {
  into.set(new Uint8Array(await crypto.subtle.digest('SHA-1', bytes as Uint8Array<ArrayBuffer>)));
}
