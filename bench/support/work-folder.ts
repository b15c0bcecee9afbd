import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasErrorCode } from '../../src/runtime/errors.ts';
import { atExit } from '../../test/support/at-exit.ts';

const memoryFolder = '/dev/shm';

/**
 * A new folder, removed when this process ends. Lies in memory where there is room for `sizeBytes`
 * and as much again: nodes that each have a disk of their own share none here.
 */
export function makeWorkFolder(sizeBytes: number): string {
  return makeFolder(freeBytes(memoryFolder) > 2 * sizeBytes ? memoryFolder : tmpdir());
}

/** The same on a disk, for what has to be there after a power cut. */
export function makeDiskFolder(): string {
  return makeFolder(tmpdir());
}

function makeFolder(parent: string): string {
  const folder = mkdtempSync(join(parent, 'scree-bench-'));
  atExit(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'EACCES')) return 0;
    throw error;
  }
}
