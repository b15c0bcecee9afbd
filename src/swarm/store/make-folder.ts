import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrorCode } from '../../runtime/errors.ts';

/**
 * Makes a folder of ours, and those above it, which are everybody's. Node's own way of doing so never ends below `/proc`, where
 * folders are missing and cannot be made.
 */
export async function makeFolder(path: string, mode = 0o700): Promise<void> {
  try {
    await makeOne(path, mode);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT') || dirname(path) === path) throw error;
    await makeFolder(dirname(path), 0o755);
    await makeOne(path, mode);
  }
}

async function makeOne(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const isThere = hasErrorCode(error, 'EEXIST') && (await stat(path)).isDirectory();
    if (!isThere) throw error;
  }
}
