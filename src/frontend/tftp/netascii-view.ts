import { setImmediate as nextTurn } from 'node:timers/promises';
import { netasciiLength, toNetascii } from '../../protocol/tftp/netascii.ts';
import { TftpFileError } from './errors.ts';
import { chunkBytes } from './file-chunks.ts';
import type { FileView } from './shared-files.ts';

/** Texts are far shorter; whoever asks for an image this way has forgotten to say `octet`. */
const maximumSizeBytes = 256 * 1024 * 1024;

type Part = { readonly startByte: number; readonly bytes: Buffer };

/**
 * The file as netascii (RFC 1350, RFC 764). It is read through once, to know its size then and
 * where each part begins; after that any part is converted when it is sent. Throws TftpFileError
 * `too-long`, or as the file.
 */
export async function asNetascii(file: FileView): Promise<FileView> {
  if (file.sizeBytes > maximumSizeBytes) {
    const limit = `at most ${maximumSizeBytes} bytes in mode netascii, got ${file.sizeBytes}`;
    throw new TftpFileError('too-long', `expected ${limit}; ask for it in mode octet`);
  }
  const { starts, sizeBytes } = await measureParts(file);
  let current: Part = { startByte: 0, bytes: Buffer.alloc(0) };
  return {
    sizeBytes,
    copyTo: (target, offsetBytes) => {
      const bytes = cutFrom(current, offsetBytes, target.length);
      if (bytes === undefined) return gather(offsetBytes, target.length);
      target.set(bytes);
      return undefined;
    },
    close: () => file.close(),
  };

  async function gather(offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for (let gathered = 0; gathered < lengthBytes; ) {
      current = await convert(offsetBytes + gathered);
      const from = offsetBytes + gathered - current.startByte;
      const piece = current.bytes.subarray(from, from + lengthBytes - gathered);
      if (piece.length === 0) {
        throw new TftpFileError('changed', 'expected the file as it was measured, got another');
      }
      pieces.push(piece);
      gathered += piece.length;
    }
    return Buffer.concat(pieces);
  }

  /** The part that holds this byte of the converted file. */
  async function convert(atByte: number): Promise<Part> {
    const index = starts.findLastIndex((startByte) => startByte <= atByte);
    const bytes = toNetascii(await partOf(file, index));
    return { startByte: starts[index] ?? 0, bytes };
  }
}

async function measureParts(file: FileView) {
  const starts: number[] = [];
  let sizeBytes = 0;
  for (let index = 0; index * chunkBytes < file.sizeBytes; index += 1) {
    starts.push(sizeBytes);
    sizeBytes += netasciiLength(await partOf(file, index));
    // Bytes in memory are there at once; other transfers have their turn all the same.
    await nextTurn();
  }
  return { starts, sizeBytes };
}

async function partOf(file: FileView, index: number): Promise<Buffer> {
  const offsetBytes = index * chunkBytes;
  const target = Buffer.allocUnsafe(Math.min(chunkBytes, file.sizeBytes - offsetBytes));
  return (await file.copyTo(target, offsetBytes)) ?? target;
}

function cutFrom(part: Part, offsetBytes: number, lengthBytes: number): Buffer | undefined {
  const from = offsetBytes - part.startByte;
  if (from < 0 || from + lengthBytes > part.bytes.length) return undefined;
  return part.bytes.subarray(from, from + lengthBytes);
}
