import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GenerationPlace } from './generation.ts';
import { identityKey, identityOf } from './identity.ts';
import { generationFolder } from './tree-folders.ts';

/** Tells whether a generation's files have been written anew; undefined for what is not there. */
export type GenerationVersion = {
  readonly manifest: string | undefined;
  readonly records: string | undefined;
};

export async function readGenerationVersion(place: GenerationPlace): Promise<GenerationVersion> {
  const folder = generationFolder(place.state, place.tree, place.generation);
  return {
    manifest: await versionOf(join(folder, 'manifest.json')),
    records: await versionOf(join(folder, 'files.json')),
  };
}

/** False for one that was removed meanwhile. */
export async function isThere({ state, tree, generation }: GenerationPlace): Promise<boolean> {
  return (await versionOf(generationFolder(state, tree, generation))) !== undefined;
}

async function versionOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && identityKey(identityOf(found));
}
