import { createReadStream } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { malformed } from '../../protocol/iso9660/errors.ts';
import { type ImageEntry, readImage } from '../../protocol/iso9660/image.ts';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { BootFilesError } from './errors.ts';

/** Something that boot files are taken from, by paths without a leading slash. */
export type Medium = {
  readonly kind: 'folder' | 'image';
  /** The file's bytes; undefined when there is no such file. */
  readonly find: (path: string) => Promise<(() => AsyncIterable<Uint8Array>) | undefined>;
};

/** Opens a folder or an ISO 9660 image. Throws BootFilesError `bad-boot-source`. */
export async function openMedium(path: string): Promise<Medium> {
  try {
    const found = await stat(path);
    return found.isDirectory() ? folderMedium(path) : await imageMedium(path, found.size);
  } catch (cause) {
    const message = `expected a folder or an ISO image at '${path}', got ${messageOf(cause)}`;
    throw new BootFilesError('bad-boot-source', message, { cause });
  }
}

/** Links are followed: packages and mirrors are full of them. */
export function folderMedium(folder: string): Medium {
  return {
    kind: 'folder',
    find: async (path) => {
      try {
        const real = await realpath(join(folder, path));
        return (await stat(real)).isFile() ? () => createReadStream(real) : undefined;
      } catch (error) {
        if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
        throw error;
      }
    },
  };
}

type ImageFile = Extract<ImageEntry, { kind: 'file' }>;

async function imageMedium(path: string, sizeBytes: number): Promise<Medium> {
  const files = new Map<string, ImageFile>();
  const file = await open(path, 'r');
  try {
    const read = async (offsetBytes: number, lengthBytes: number): Promise<Buffer> => {
      const bytes = Buffer.alloc(lengthBytes);
      const { bytesRead } = await file.read(bytes, 0, lengthBytes, offsetBytes);
      if (bytesRead === lengthBytes) return bytes;
      throw malformed(`${lengthBytes} bytes at ${offsetBytes}`, 'its end');
    };
    for await (const entry of readImage({ read, sizeBytes })) {
      // Images without Rock Ridge have names in one case only.
      if (entry.kind === 'file') files.set(entry.path.toLowerCase(), entry);
    }
  } finally {
    await file.close();
  }
  return {
    kind: 'image',
    find: async (wanted) => {
      const entry = files.get(wanted.toLowerCase());
      return entry && (() => readExtents(path, entry));
    },
  };
}

async function* readExtents(path: string, { extents }: ImageFile): AsyncGenerator<Uint8Array> {
  for (const { offsetBytes, sizeBytes } of extents) {
    const last = offsetBytes + sizeBytes - 1;
    let got = 0;
    for await (const chunk of createReadStream(path, { start: offsetBytes, end: last })) {
      got += chunk.length;
      yield chunk;
    }
    if (got < sizeBytes) throw malformed(`${sizeBytes} bytes at ${offsetBytes}`, 'its end');
  }
}
