import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { treeNamePattern } from '../../protocol/install-path.ts';
import { hasErrorCode } from '../../runtime/errors.ts';

/**
 * Where things lie in the state folder: `trees/<name>/<generation>/` is a generation,
 * `trees/<name>/kept/` what is read for all generations of a tree. What begins with a dot is
 * unfinished, and goes at the next change of the tree.
 */
export function treesFolder(state: string): string {
  return join(state, 'trees');
}

export function treeFolder(state: string, tree: string): string {
  return join(treesFolder(state), tree);
}

export function generationFolder(state: string, tree: string, generation: number): string {
  return join(treeFolder(state, tree), String(generation));
}

export function keptFolder(state: string, tree: string): string {
  return join(treeFolder(state, tree), 'kept');
}

/** The names of all trees, sorted. */
export async function listTrees(state: string): Promise<string[]> {
  const names = await namesIn(treesFolder(state));
  return names.filter((name) => treeNamePattern.test(name)).toSorted();
}

/** The generations of a tree that are whole, the oldest first. */
export async function listGenerations(state: string, tree: string): Promise<number[]> {
  const names = await namesIn(treeFolder(state, tree));
  const numbers = names.filter((name) => /^[1-9]\d{0,8}$/.test(name)).map(Number);
  return numbers.toSorted((a, b) => a - b);
}

/** Empty for a folder that is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
