import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { writeFileAtomic } from '../../runtime/files.ts';
import { readGenerationFolder, type StoredGeneration } from './generation-folder.ts';
import type { FileIdentity } from './identity.ts';
import { generationFolder, listGenerations, treeFolder } from './tree-folders.ts';

/** The generations that a new one builds on. */
export type Former = {
  /** The newest ones that can be read, the newest last. */
  readonly generations: readonly StoredGeneration[];
  readonly nextNumber: number;
  readonly warnings: readonly string[];
};

// More would only help a tree that goes back to what it was before, and take longer to read.
const generationsRead = 3;
const lastNumberFile = 'last-generation';

export async function readFormer(state: string, tree: string): Promise<Former> {
  const numbers = await listGenerations(state, tree);
  const generations: StoredGeneration[] = [];
  const warnings: string[] = [];
  for (const number of numbers.slice(-generationsRead)) {
    try {
      const folder = generationFolder(state, tree, number);
      generations.push(await readGenerationFolder(folder, undefined));
    } catch (error) {
      warnings.push(messageOf(error));
    }
  }
  const last = Math.max(numbers.at(-1) ?? 0, await readLastNumber(state, tree));
  return { generations, nextNumber: last + 1, warnings };
}

/** Remembers a number beyond its generation, so that none is given twice. */
export async function rememberNumber(state: string, tree: string, number: number): Promise<void> {
  const last = await readLastNumber(state, tree);
  if (number <= last) return;
  await writeFileAtomic(join(treeFolder(state, tree), lastNumberFile), `${number}\n`);
}

/** What lies in `kept` for these generations, as it was when it was put there. */
export function trustedPlaces(
  generations: readonly StoredGeneration[],
): ReadonlyMap<string, FileIdentity> {
  const records = generations.flatMap((generation) => generation.records.files);
  return new Map(
    records.flatMap(({ place, identity }) => ('kept' in place ? [[place.kept, identity]] : [])),
  );
}

async function readLastNumber(state: string, tree: string): Promise<number> {
  try {
    const text = await readFile(join(treeFolder(state, tree), lastNumberFile), 'utf8');
    return Number.parseInt(text, 10) || 0;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return 0;
    throw error;
  }
}
