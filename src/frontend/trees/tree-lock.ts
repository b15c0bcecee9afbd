import { join } from 'node:path';
import { messageOf } from '../../runtime/errors.ts';
import { tryLockFile } from '../../runtime/file-lock.ts';
import { TreeError } from './errors.ts';
import { treesFolder } from './tree-folders.ts';

/** Does the work while no other process changes the tree. Throws TreeError `busy`. */
export async function withTreeLock<Result>(
  place: { readonly state: string; readonly tree: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const { state, tree } = place;
  const lock = await tryLock(join(treesFolder(state), `.${tree}.lock`), state);
  if (lock === undefined) {
    const message = `expected to be alone with tree '${tree}', but it is being added or removed`;
    throw new TreeError('busy', `${message} right now; try again when that is done`);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function tryLock(path: string, state: string) {
  try {
    return await tryLockFile(path);
  } catch (cause) {
    const message = `expected to write to the state folder '${state}', got: ${messageOf(cause)}`;
    throw new TreeError('not-writable', `${message}; run as its owner`, { cause });
  }
}
