import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../runtime/errors.ts';
import { syncFolder } from '../../runtime/files.ts';
import { BootFilesError } from './errors.ts';

export type Copy = {
  /** From the folder that is copied into. */
  readonly to: string;
  readonly read: () => AsyncIterable<Uint8Array>;
};

/** Hears of each file before it is copied; `at` begins at 1. */
export type OnCopy = (path: string, at: number, of: number) => void;

export type CopyControls = { readonly onCopy?: OnCopy; readonly signal?: AbortSignal };

export type Copied = { readonly path: string; readonly sizeBytes: number };

/**
 * Copies files into a folder. Nothing is replaced before all of them are there, durable; each name
 * then changes from the old content to the new at once. Throws BootFilesError `cannot-store`, or
 * the reason of `signal` when that is aborted before, with nothing left behind.
 */
export async function copyStaged(
  folder: string,
  copies: readonly Copy[],
  { onCopy, signal }: CopyControls = {},
): Promise<Copied[]> {
  const suffix = `.${randomBytes(6).toString('hex')}.tmp`;
  const staged: { readonly temporary: string; readonly path: string }[] = [];
  const copied: Copied[] = [];
  try {
    for (const [index, { to, read }] of copies.entries()) {
      onCopy?.(to, index + 1, copies.length);
      const path = join(folder, to);
      await mkdir(dirname(path), { recursive: true });
      staged.push({ temporary: path + suffix, path });
      copied.push({ path: to, sizeBytes: await writeAll(path + suffix, read(), signal) });
    }
    signal?.throwIfAborted();
    for (const { temporary, path } of staged) await rename(temporary, path);
    for (const each of new Set(staged.map(({ path }) => dirname(path)))) await syncFolder(each);
    return copied;
  } catch (cause) {
    for (const { temporary } of staged) await rm(temporary, { force: true });
    if (signal?.aborted && cause === signal.reason) throw cause;
    const message = `expected to store boot files in '${folder}', got: ${messageOf(cause)}`;
    throw new BootFilesError('cannot-store', message, { cause });
  }
}

async function writeAll(
  path: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const file = await open(path, 'wx', 0o644);
  try {
    let sizeBytes = 0;
    for await (const chunk of content) {
      signal?.throwIfAborted();
      await file.writeFile(chunk);
      sizeBytes += chunk.length;
    }
    await file.sync();
    return sizeBytes;
  } finally {
    await file.close();
  }
}
