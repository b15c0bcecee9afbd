import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { formatBytes } from '../../runtime/units.ts';
import type { StorePlace } from '../types.ts';
import { freeSpaceOf } from './free-space.ts';
import { planMovedSize } from './plan-size.ts';
import { StoreError } from './store-error.ts';

const leastBytes = 2 ** 20;

/**
 * The budget of a store that moves to a disk, whose folder may not be there yet. In a ramdisk a
 * folder in which no disk is mounted is memory, and what is meant to be freed would be doubled.
 * Throws StoreError `unusable` there, and where next to nothing is free.
 */
export async function planMove(folder: string, from: StorePlace | undefined): Promise<number> {
  try {
    const nearest = await nearestFolder(folder);
    const { freeBytes, isMemory } = await freeSpaceOf(nearest);
    if (isMemory || (await isRootOfRamdisk(nearest, from))) {
      throw new Error('memory (is the disk mounted? a size would be taken at its word)');
    }
    const sizeBytes = planMovedSize(freeBytes, from?.sizeBytes ?? 0);
    if (sizeBytes >= leastBytes) return sizeBytes;
    const free =
      freeBytes === undefined ? 'one that tells no size' : `${formatBytes(freeBytes)} free`;
    throw new Error(`${free} (give a size to use it all the same)`);
  } catch (cause) {
    const text = `expected a disk behind '${folder}', got ${messageOf(cause)}`;
    throw new StoreError('unusable', text, { cause });
  }
}

async function nearestFolder(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT') || dirname(path) === path) throw error;
    return nearestFolder(dirname(path));
  }
}

/**
 * Where the store began in memory, the root is no disk that lasts, whatever its file system says: it
 * may be an image with a layer of memory over it.
 */
async function isRootOfRamdisk(folder: string, from: StorePlace | undefined): Promise<boolean> {
  if (from === undefined || !(await isSameDevice(folder, '/'))) return false;
  return (await freeSpaceOf(from.folder)).isMemory;
}

async function isSameDevice(one: string, other: string): Promise<boolean> {
  return (await stat(one)).dev === (await stat(other)).dev;
}
