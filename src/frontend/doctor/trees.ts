import { lstat } from 'node:fs/promises';
import { messageOf } from '../../runtime/errors.ts';
import { formatBytes } from '../../runtime/units.ts';
import { locationOf, readGenerationFolder } from '../trees/generation-folder.ts';
import { readManifestPublicKey } from '../trees/keys.ts';
import { generationFolder, keptFolder, listGenerations, listTrees } from '../trees/tree-folders.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** A generation, as far as it can be told without reading what it serves. */
export type GenerationFacts = {
  readonly tree: string;
  readonly generation: number;
  readonly fileCount: number;
  readonly totalBytes: number;
  /** Files that are gone, or of another size. */
  readonly changed: readonly string[];
  /** Why it cannot be served at all. */
  readonly broken: string | undefined;
};

export type TreesFacts =
  | { readonly kind: 'looked'; readonly generations: readonly GenerationFacts[] }
  | { readonly kind: 'not-looked'; readonly reason: string };

const atOnce = 64;
const shownNames = 3;

export async function lookAtTrees(state: string): Promise<TreesFacts> {
  try {
    const generations: GenerationFacts[] = [];
    for (const tree of await listTrees(state)) {
      for (const generation of await listGenerations(state, tree)) {
        generations.push(await lookAtGeneration(state, tree, generation));
      }
    }
    return { kind: 'looked', generations };
  } catch (error) {
    return { kind: 'not-looked', reason: messageOf(error) };
  }
}

export function checkTrees(facts: TreesFacts): readonly Finding[] {
  if (facts.kind === 'not-looked') {
    const advice = 'run doctor as the owner of the state folder';
    return [warning('trees', `were not looked at: ${facts.reason}`, advice)];
  }
  if (facts.generations.length > 0) return facts.generations.map(checkGeneration);
  return [
    warning('trees', 'there are none: nothing can be installed', 'scree tree add NAME FOLDER'),
  ];
}

function checkGeneration(facts: GenerationFacts): Finding {
  const { tree, generation, fileCount, totalBytes, changed, broken } = facts;
  const check = `tree ${tree}@${generation}`;
  if (broken !== undefined) {
    const advice = `scree tree remove ${tree} -g ${generation}, then add the tree again`;
    return problem(check, broken, advice);
  }
  if (changed.length === 0) return ok(check, `${fileCount} files, ${formatBytes(totalBytes)}`);
  const names = changed.slice(0, shownNames).join(', ');
  const more = changed.length > shownNames ? ', …' : '';
  const text = `${changed.length} of ${fileCount} files are gone, or not of the size that was hashed: ${names}${more}`;
  return problem(check, text, `put them back, or add the tree again (scree tree add ${tree} …)`);
}

async function lookAtGeneration(
  state: string,
  tree: string,
  generation: number,
): Promise<GenerationFacts> {
  try {
    const key = await readManifestPublicKey(state);
    const folder = generationFolder(state, tree, generation);
    const { manifest, records } = await readGenerationFolder(folder, key);
    const places = records.files.map((record, at) => ({
      name: manifest.files[at]?.path ?? '',
      ...locationOf(record, keptFolder(state, tree)),
    }));
    const changed: string[] = [];
    for (let at = 0; at < places.length; at += atOnce) {
      const some = places.slice(at, at + atOnce);
      const isSame = await Promise.all(some.map(hasItsSize));
      changed.push(...some.filter((_, index) => isSame[index] === false).map(({ name }) => name));
    }
    const { totalSize: totalBytes } = manifest;
    const counts = { fileCount: manifest.files.length, totalBytes };
    return { tree, generation, ...counts, changed, broken: undefined };
  } catch (error) {
    const nothing = { fileCount: 0, totalBytes: 0, changed: [] };
    return { tree, generation, ...nothing, broken: messageOf(error) };
  }
}

async function hasItsSize({
  path,
  identity,
}: {
  readonly path: string;
  readonly identity: { readonly sizeBytes: number };
}): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() === true && found.size === identity.sizeBytes;
}
