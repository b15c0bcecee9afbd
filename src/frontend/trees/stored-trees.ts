import { messageOf } from '../../runtime/errors.ts';
import { TreeError } from './errors.ts';
import { type GenerationRecords, readGenerationFolder } from './generation-folder.ts';
import { generationFolder, listGenerations, listTrees } from './tree-folders.ts';

/** A generation as it is told to an operator. */
export type GenerationSummary =
  | {
      readonly generation: number;
      readonly createdAt: string;
      readonly infohash: string;
      readonly fileCount: number;
      readonly linkCount: number;
      readonly totalBytes: number;
      readonly pieceLengthBytes: number;
      readonly source: GenerationRecords['source'];
      readonly keep: GenerationRecords['keep'];
      /** Files that are read in the source itself: they could not be kept, or were not to be. */
      readonly inPlaceCount: number;
    }
  | { readonly generation: number; readonly broken: string };

export type TreeSummary = {
  readonly tree: string;
  readonly generations: readonly number[];
  readonly newest: GenerationSummary;
};

/** All trees of a state folder, sorted by name. */
export async function summarizeTrees(state: string): Promise<TreeSummary[]> {
  const summaries: TreeSummary[] = [];
  for (const tree of await listTrees(state)) {
    const generations = await listGenerations(state, tree);
    const newest = generations.at(-1);
    if (newest === undefined) continue;
    summaries.push({ tree, generations, newest: await summarize(state, tree, newest) });
  }
  return summaries;
}

/** All generations of a tree, the oldest first. Throws TreeError `no-such-tree`. */
export async function summarizeGenerations(
  state: string,
  tree: string,
): Promise<GenerationSummary[]> {
  await findGeneration(state, tree, undefined);
  const summaries: GenerationSummary[] = [];
  for (const generation of await listGenerations(state, tree)) {
    summaries.push(await summarize(state, tree, generation));
  }
  return summaries;
}

/** The number of the newest generation, or `wanted` if it is there; else `no-such-tree`. */
export async function findGeneration(
  state: string,
  tree: string,
  wanted: number | undefined,
): Promise<number> {
  const generations = await listGenerations(state, tree);
  const found = wanted === undefined ? generations.at(-1) : wanted;
  if (found !== undefined && generations.includes(found)) return found;
  const trees = (await listTrees(state)).join(', ') || 'none yet';
  const [expected, got] =
    generations.length === 0
      ? [`a tree in '${state}' (${trees})`, `'${tree}'`]
      : [`a generation of '${tree}' (${generations.join(', ')})`, `${wanted}`];
  throw new TreeError('no-such-tree', `expected ${expected}, got ${got}`);
}

async function summarize(
  state: string,
  tree: string,
  generation: number,
): Promise<GenerationSummary> {
  try {
    const folder = generationFolder(state, tree, generation);
    const { manifest, records } = await readGenerationFolder(folder, undefined);
    return {
      generation,
      createdAt: manifest.createdAt,
      infohash: manifest.infohash,
      fileCount: manifest.files.length,
      linkCount: manifest.links.length,
      totalBytes: manifest.totalSize,
      pieceLengthBytes: manifest.pieceLength,
      source: records.source,
      keep: records.keep,
      inPlaceCount: records.files.filter(({ place }) => 'path' in place).length,
    };
  } catch (error) {
    return { generation, broken: messageOf(error) };
  }
}
