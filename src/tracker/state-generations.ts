import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { treeNamePattern } from '../protocol/install-path.ts';
import { type Manifest, parseManifest } from '../protocol/manifest.ts';
import { decodeTorrent } from '../protocol/metainfo.ts';
import { hasErrorCode, messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { CatalogEntry } from './types.ts';

/** What was read of each generation's folder, and what the folder looked like then. */
export type GenerationCache = ReadonlyMap<string, CachedGeneration>;
type CachedGeneration = { readonly stamp: string; readonly entries: readonly CatalogEntry[] };
type Deps = { readonly log: Log; readonly cache: GenerationCache };

/** The generations under `<state>/trees`, those that have not changed as they were read before. */
export async function readGenerations(deps: Deps, stateFolder: string): Promise<GenerationCache> {
  const generations = new Map<string, CachedGeneration>();
  const treesFolder = join(stateFolder, 'trees');
  for (const tree of await namesIn(treesFolder, treeNamePattern)) {
    for (const number of await namesIn(join(treesFolder, tree), /^[1-9]\d{0,8}$/)) {
      const folder = join(treesFolder, tree, number);
      const generation = await readGeneration(deps, folder);
      if (generation !== undefined) generations.set(folder, generation);
    }
  }
  return generations;
}

async function readGeneration(
  { log, cache }: Deps,
  folder: string,
): Promise<CachedGeneration | undefined> {
  const stamps = [join(folder, manifestName), join(folder, fileTorrentsName)].map(stampOf);
  const stamp = (await Promise.all(stamps)).join(' ');
  const known = cache.get(folder);
  if (known?.stamp === stamp) return known;
  try {
    const manifest = parseManifest(await readFile(join(folder, manifestName), 'utf8'), undefined);
    const files = await readFileTorrents(join(folder, fileTorrentsName), manifest);
    log.info('tree read', { tree: manifest.tree, generation: manifest.generation });
    return { stamp, entries: [treeEntry(manifest), ...files] };
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    log.warn('tree not read', { path: folder, reason: messageOf(error) });
    return { stamp, entries: [] };
  }
}

const manifestName = 'manifest.json';
/** Torrents of single files, named by their place in the manifest. */
const fileTorrentsName = 'file-torrents';

function treeEntry({ infohash, tree, generation, totalSize }: Manifest): CatalogEntry {
  return { infohash, name: tree, generation, totalSizeBytes: totalSize };
}

async function readFileTorrents(folder: string, manifest: Manifest): Promise<CatalogEntry[]> {
  const entries: CatalogEntry[] = [];
  for (const name of await namesIn(folder, /^\d{1,9}\.torrent$/)) {
    const file = manifest.files[Number.parseInt(name, 10)];
    const infohash = await readInfohash(join(folder, name));
    if (file === undefined || infohash === undefined) continue;
    const { tree, generation } = manifest;
    entries.push({
      infohash,
      name: `${tree}/${file.path}`,
      generation,
      totalSizeBytes: file.size,
    });
  }
  return entries;
}

async function readInfohash(path: string): Promise<string | undefined> {
  try {
    return decodeTorrent(await readFile(path)).metainfo.infohash;
  } catch {
    return undefined;
  }
}

async function namesIn(folder: string, pattern: RegExp): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => pattern.test(name)).sort();
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return 'none';
    throw error;
  }
}
