import { randomBytes } from 'node:crypto';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../runtime/errors.ts';
import { readGenerationFolder } from './generation-folder.ts';
import {
  generationFolder,
  keptFolder,
  listGenerations,
  namesIn,
  treeFolder,
  treesFolder,
} from './tree-folders.ts';

/** Makes the folder whose presence tells that something unfinished is in the tree's folder. */
export async function makeUnfinishedFolder(state: string, tree: string): Promise<string> {
  const folder = join(treeFolder(state, tree), unfinishedName());
  await mkdir(folder, { recursive: true });
  return folder;
}

export function unfinishedName(): string {
  return `.unfinished-${randomBytes(6).toString('hex')}`;
}

/**
 * Removes what an add or a remove that did not come to its end has left: unfinished folders, and
 * kept bytes that no generation needs. Only for the holder of the tree's lock.
 */
export async function removeLeftovers(state: string, tree: string): Promise<void> {
  await removeUnfinished(treesFolder(state));
  const folder = treeFolder(state, tree);
  if ((await unfinishedIn(folder)).length === 0) return;
  const needed = await neededPlaces(state, tree);
  if (needed !== undefined) await removeKeptBut(needed, keptFolder(state, tree));
  // Last, so that a kill before this point is noticed, too.
  await removeUnfinished(folder);
  await removeIfEmpty(folder);
}

async function unfinishedIn(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => name.startsWith('.unfinished-'));
}

async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await unfinishedIn(folder)) {
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Undefined when that cannot be told, for then nothing may go. */
async function neededPlaces(state: string, tree: string): Promise<Set<string> | undefined> {
  const needed = new Set<string>();
  for (const generation of await listGenerations(state, tree)) {
    try {
      const folder = generationFolder(state, tree, generation);
      const { records } = await readGenerationFolder(folder, undefined);
      for (const { place } of records.files) if ('kept' in place) needed.add(place.kept);
    } catch {
      return undefined;
    }
  }
  return needed;
}

async function removeKeptBut(needed: ReadonlySet<string>, kept: string): Promise<void> {
  for (const group of await namesIn(kept)) {
    for (const name of await namesIn(join(kept, group))) {
      if (!needed.has(`${group}/${name}`)) await rm(join(kept, group, name), { force: true });
    }
    await removeIfEmpty(join(kept, group));
  }
  await removeIfEmpty(kept);
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
  }
}
