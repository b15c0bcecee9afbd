import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { constants, zstdCompress } from 'node:zlib';
import { messageOf } from '../../runtime/errors.ts';
import { ImageError } from './errors.ts';
import type { Compression } from './types.ts';

const levels = { zstd: 19, 'zstd-quick': 9 } as const;

/**
 * As the kernel takes a ramdisk's archive: zstd from Linux 5.9, xz from 2.6.38 (with a CRC-32; it
 * does not know xz's usual sum). Throws ImageError `not-compressed`.
 */
export async function compressImage(cpio: Uint8Array, how: Compression): Promise<Buffer> {
  return how === 'xz' ? compressByXz(cpio) : compressByZstd(cpio, levels[how]);
}

async function compressByZstd(cpio: Uint8Array, level: number): Promise<Buffer> {
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_checksumFlag]: 1,
  };
  return promisify(zstdCompress)(cpio, { params, pledgedSrcSize: cpio.byteLength });
}

async function compressByXz(cpio: Uint8Array): Promise<Buffer> {
  const xz = spawn('xz', ['-9', '--threads=1', '--check=crc32', '--stdout'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      xz.once('error', reject).once('close', resolve);
    });
    // It may end before it has read everything; what it says then is what counts.
    xz.stdin.on('error', () => {}).end(cpio);
    const [code, image, said] = await Promise.all([ended, buffer(xz.stdout), buffer(xz.stderr)]);
    if (code === 0) return image;
    throw new Error(said.toString('utf8').trim() || `exit code ${code}`);
  } catch (cause) {
    const text = `expected xz to compress the image, got ${messageOf(cause)}; install xz (xz-utils), or use zstd`;
    throw new ImageError('not-compressed', text, { cause });
  }
}
