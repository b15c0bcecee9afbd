import { resolve } from 'node:path';
import { checkTreeName } from '../../protocol/install-path.ts';
import { TreeError } from './errors.ts';
import { type Former, readFormer, trustedPlaces } from './former.ts';
import type { KeepMode } from './generation-folder.ts';
import { hashTree } from './hash-tree.ts';
import { planInstallLayout, type RoleOrder } from './install-layout.ts';
import { keepFiles } from './keep.ts';
import { createKnownHashes, type KnownHashes } from './known-hashes.ts';
import { makeUnfinishedFolder, removeLeftovers } from './leftovers.ts';
import type { SourceFile } from './scan.ts';
import { openSource, type Source } from './source.ts';
import { storeGeneration } from './store-generation.ts';
import { keptFolder } from './tree-folders.ts';
import { withTreeLock } from './tree-lock.ts';

export type AddOptions = {
  readonly state: string;
  readonly name: string;
  /** A folder or an ISO 9660 image. */
  readonly source: string;
  readonly keep: KeepMode;
  /** Lays all files out anew, by these: every piece is read again. */
  readonly layout?: readonly RoleOrder[] | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type AddReport = {
  readonly tree: string;
  readonly generation: number;
  /** False: the source is as it was, and `generation` is the one that was there. */
  readonly isNew: boolean;
  readonly infohash: string;
  readonly fileCount: number;
  readonly linkCount: number;
  readonly totalBytes: number;
  /** Read to find hashes; the hashes of the others were known. */
  readonly hashedBytes: number;
  readonly reusedBytes: number;
  readonly warnings: readonly string[];
};

/**
 * Makes a generation of a tree from what a folder or image holds now. It is there as a whole, or,
 * when this throws or is killed, not at all. Throws TreeError or InstallPathError.
 */
export async function addTree(options: AddOptions): Promise<AddReport> {
  const state = resolve(options.state);
  const tree = checkTreeName(options.name);
  const source = await openSource(options.source, state);
  return withTreeLock({ state, tree }, async () => {
    await removeLeftovers(state, tree);
    const former = await readFormer(state, tree);
    const known = createKnownHashes(former.generations);
    const context = { ...options, state, tree, source, former, known };
    try {
      return await addOnceMoreIfChanged(context);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error;
    } finally {
      await removeLeftovers(state, tree);
    }
  });
}

type Context = Omit<AddOptions, 'source'> & {
  readonly tree: string;
  readonly source: Source;
  readonly former: Former;
  readonly known: KnownHashes;
};

/** A file that changes while it is hashed is given a second chance; what did not, costs nothing. */
async function addOnceMoreIfChanged(context: Context): Promise<AddReport> {
  try {
    return await addOnce(context);
  } catch (error) {
    if (!(error instanceof TreeError) || error.code !== 'changed') throw error;
    return addOnce(context);
  }
}

async function addOnce(context: Context): Promise<AddReport> {
  const { state, tree, source, former, known, keep, signal } = context;
  const scan = await source.scan(signal);
  const hashed = await hashTree({
    name: `${tree}@${former.nextNumber}`,
    ...planOrder(context, scan.files),
    ...{ known, signal, onProgress: context.onProgress },
  });
  const unfinished = await makeUnfinishedFolder(state, tree);
  const folder = keptFolder(state, tree);
  const trusted = trustedPlaces(former.generations);
  const kept = await keepFiles(hashed.files, { folder, mode: keep, trusted, signal });
  const { kind, path } = source;
  const records = { format: 1, source: { kind, path }, keep, files: [...kept.records] } as const;
  const stored = await storeGeneration({
    ...context,
    hashed,
    links: scan.links,
    records,
    unfinished,
  });
  const totalBytes = hashed.metainfo.totalSizeBytes;
  return {
    tree,
    ...stored,
    fileCount: hashed.files.length,
    linkCount: scan.links.length,
    totalBytes,
    hashedBytes: hashed.hashedBytes,
    reusedBytes: totalBytes - hashed.hashedBytes,
    warnings: [...former.warnings, ...scan.warnings, ...kept.warnings],
  };
}

function planOrder({ layout, former }: Context, files: readonly SourceFile[]) {
  if (layout !== undefined) return { files: planInstallLayout(files, layout), former: [] };
  const newest = former.generations.at(-1)?.manifest.files ?? [];
  const before = newest.map(({ path, size, sha256 }) => ({ path, sizeBytes: size, sha256 }));
  return { files, former: before };
}
