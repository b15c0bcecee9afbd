import type { FilePart } from '../tftp/thread/types.ts';
import type { BootFile, OpenBootFile } from './types.ts';

/** An archive in a ramdisk begins at a multiple of this; the kernel skips zeros before it. */
const alignmentBytes = 4;

/** Several ramdisks as one file, as kernels take them: behind each other, with zeros between. */
export function joinFiles(files: readonly BootFile[]): BootFile {
  return {
    kind: 'file',
    path: files.map(({ path }) => path).join(','),
    sizeBytes: lengthOf(files),
    mtimeMs: newest(files),
    open: async () => joinOpen(await openAll(files)),
  };
}

/** All of them, or none. */
async function openAll(files: readonly BootFile[]): Promise<OpenBootFile[]> {
  const opened: OpenBootFile[] = [];
  try {
    for (const file of files) opened.push(await file.open());
    return opened;
  } catch (error) {
    await closeEach(opened);
    throw error;
  }
}

function joinOpen(files: readonly OpenBootFile[]): OpenBootFile {
  return {
    sizeBytes: lengthOf(files),
    mtimeMs: newest(files),
    read: (offsetBytes, lengthBytes) => readAcross(files, offsetBytes, lengthBytes),
    parts: files.flatMap(paddedParts),
    close: () => closeEach(files),
  };
}

/** Nothing was written: there is nothing to lose. */
async function closeEach(files: readonly OpenBootFile[]): Promise<void> {
  await Promise.allSettled(files.map((file) => file.close()));
}

function paddedParts({ sizeBytes, parts }: OpenBootFile): readonly FilePart[] {
  const padding = aligned(sizeBytes) - sizeBytes;
  return padding === 0 ? parts : [...parts, { bytes: Buffer.alloc(padding) }];
}

async function readAcross(
  files: readonly OpenBootFile[],
  offsetBytes: number,
  lengthBytes: number,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  const endByte = offsetBytes + lengthBytes;
  let startByte = 0;
  for (const file of files) {
    const nextByte = startByte + aligned(file.sizeBytes);
    const from = Math.max(offsetBytes, startByte);
    const to = Math.min(endByte, nextByte);
    if (from < to) parts.push(await readPadded(file, from - startByte, to - from));
    startByte = nextByte;
  }
  return Buffer.concat(parts);
}

/** Zeros also where the file has become shorter meanwhile. */
async function readPadded(file: OpenBootFile, offset: number, length: number): Promise<Buffer> {
  const available = Math.max(Math.min(file.sizeBytes - offset, length), 0);
  return Buffer.concat([await file.read(offset, available)], length);
}

type Sized = { readonly sizeBytes: number; readonly mtimeMs: number };

function lengthOf(files: readonly Sized[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + aligned(sizeBytes), 0);
}

function newest(files: readonly Sized[]): number {
  return Math.max(...files.map(({ mtimeMs }) => mtimeMs));
}

function aligned(sizeBytes: number): number {
  return Math.ceil(sizeBytes / alignmentBytes) * alignmentBytes;
}
