import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrorCode } from './errors.ts';

/**
 * Writes a file so that a reader, or a restart after a crash at any instant, sees the old content
 * or the new one, never a part: temporary file, fsync, rename, fsync of the folder.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', options.mode ?? 0o644);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/**
 * Writes a file that nobody has written yet, and returns what stands in it then: whoever is first
 * at this gives all others the content.
 */
export async function writeFileOnce(
  path: string,
  data: string,
  options: { readonly mode?: number } = {},
): Promise<string> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  await writeFileAtomic(temporary, data, options);
  try {
    await link(temporary, path);
    return data;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return await readFile(path, 'utf8');
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Makes the entries of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
