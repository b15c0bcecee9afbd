import { rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkTreeName } from '../../protocol/install-path.ts';
import { rememberNumber } from './former.ts';
import { removeLeftovers, unfinishedName } from './leftovers.ts';
import { findGeneration } from './stored-trees.ts';
import { generationFolder, listGenerations, treeFolder, treesFolder } from './tree-folders.ts';
import { withTreeLock } from './tree-lock.ts';

export type RemoveReport = { readonly tree: string; readonly generations: readonly number[] };

/**
 * Removes one generation of a tree, or the tree with all of them, and the kept bytes that nothing
 * needs any more. Throws TreeError `no-such-tree` or `busy`.
 */
export async function removeTree(options: {
  readonly state: string;
  readonly name: string;
  /** Undefined: all. */
  readonly generation: number | undefined;
}): Promise<RemoveReport> {
  const state = resolve(options.state);
  const tree = checkTreeName(options.name);
  await findGeneration(state, tree, options.generation);
  return withTreeLock({ state, tree }, async () => {
    const number = await findGeneration(state, tree, options.generation);
    const all = await listGenerations(state, tree);
    const isLast = options.generation === undefined || all.length === 1;
    if (isLast) {
      await rename(treeFolder(state, tree), join(treesFolder(state), unfinishedName()));
    } else {
      // Written only where it is needed: an old generation can go when the disk is full.
      if (number === all.at(-1)) await rememberNumber(state, tree, number);
      const unfinished = join(treeFolder(state, tree), unfinishedName());
      await rename(generationFolder(state, tree, number), unfinished);
    }
    await removeLeftovers(state, tree);
    return { tree, generations: isLast ? all : [number] };
  });
}
