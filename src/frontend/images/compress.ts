import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { messageOf } from '../../runtime/errors.ts';
import { ImageError } from './errors.ts';
import type { Compression } from './types.ts';

export type CompressOptions = {
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

const levels = { zstd: 19, 'zstd-quick': 9 } as const;
const chunkBytes = 1024 * 1024;

/**
 * As the kernel takes a ramdisk's archive: zstd from Linux 5.9, xz from 2.6.38 (with a CRC-32; it
 * does not know xz's usual sum). Throws ImageError `not-compressed`, or the reason of `signal`.
 */
export async function compressImage(
  cpio: Uint8Array,
  how: Compression,
  options: CompressOptions = {},
): Promise<Buffer> {
  try {
    const input = Readable.from(chunksOf(cpio, options));
    return await (how === 'xz' ? compressByXz(input, options) : compressByZstd(input, cpio, how));
  } catch (cause) {
    options.signal?.throwIfAborted();
    const advice = how === 'xz' ? '; install xz (xz-utils), or use zstd' : '';
    const text = `expected to compress the image (${how}), got ${messageOf(cause)}${advice}`;
    throw new ImageError('not-compressed', text, { cause });
  }
}

function* chunksOf(cpio: Uint8Array, { onProgress, signal }: CompressOptions) {
  for (let at = 0; at < cpio.length; at += chunkBytes) {
    signal?.throwIfAborted();
    onProgress?.(at, cpio.length);
    yield cpio.subarray(at, at + chunkBytes);
  }
}

async function compressByZstd(
  input: Readable,
  cpio: Uint8Array,
  how: keyof typeof levels,
): Promise<Buffer> {
  const zstd = createZstdCompress({
    params: {
      [constants.ZSTD_c_compressionLevel]: levels[how],
      [constants.ZSTD_c_checksumFlag]: 1,
    },
    pledgedSrcSize: cpio.length,
  });
  const [image] = await Promise.all([buffer(zstd), pipeline(input, zstd)]);
  return image;
}

async function compressByXz(input: Readable, { signal }: CompressOptions): Promise<Buffer> {
  const xz = spawn('xz', ['-9', '--threads=1', '--check=crc32', '--stdout'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    signal,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    xz.once('error', reject).once('close', resolve);
  });
  // It may end before it has read everything; what it says then is what counts.
  const fed = pipeline(input, xz.stdin).catch(() => {});
  const [code, image, said] = await Promise.all([ended, buffer(xz.stdout), buffer(xz.stderr), fed]);
  if (code === 0) return image;
  throw new Error(said.toString('utf8').trim() || `exit code ${code}`);
}
