import type { KeyObject } from 'node:crypto';
import type { Manifest, ManifestFile } from '../../protocol/manifest.ts';
import { createStreamLayout } from '../../protocol/stream-layout.ts';
import { createTreeIndex } from '../../protocol/tree-index.ts';
import type { Log } from '../../runtime/log.ts';
import type { PieceSource } from '../../swarm/types.ts';
import type { Descriptors } from './descriptors.ts';
import { TreeError } from './errors.ts';
import { readGenerationFolder, type StoredGeneration } from './generation-folder.ts';
import type { ServedFile } from './served-file.ts';
import { createServedFiles } from './served-files.ts';
import { generationFolder, keptFolder } from './tree-folders.ts';
import type { Generation } from './types.ts';

export type OpenGeneration = Generation & {
  /** Takes in a files.json that an add has written anew. */
  readonly refresh: () => Promise<void>;
  /** Lets go of its open files. */
  readonly release: () => void;
};

export type GenerationPlace = {
  readonly state: string;
  readonly tree: string;
  readonly generation: number;
};

const chunkBytes = 256 * 1024;

/**
 * Opens a generation of a state folder for serving. With a key its signature is checked. Throws
 * TreeError `broken`.
 */
export async function openGeneration(
  deps: { readonly descriptors: Descriptors; readonly log: Log },
  place: GenerationPlace,
  publicKey: KeyObject | undefined,
): Promise<OpenGeneration> {
  const { state, tree, generation } = place;
  const folder = generationFolder(state, tree, generation);
  const stored = await readGenerationFolder(folder, publicKey);
  const { manifest, manifestText, metainfo } = stored;
  expectPlace(stored, place);
  const context = { ...deps, folder, kept: keptFolder(state, tree) };
  let files = createServedFiles(stored, context);
  const places = new Map(manifest.files.map((file, at) => [file.path, at]));
  const servedAs = (file: ManifestFile): ServedFile => {
    const served = files.at(places.get(file.path) ?? -1);
    if (served !== undefined) return served;
    throw new TreeError('changed', `expected a file of ${tree}@${generation}, got '${file.path}'`);
  };
  return {
    ...{ tree, generation, manifest, manifestText, metainfo },
    lookup: createTreeIndex(manifest).lookup,
    pieces: createPieceSource(manifest, (place) => files.at(place)),
    check: async (file) => void (await servedAs(file).read(0, 0)),
    read: (file, range) => readInChunks(servedAs(file), range),
    changedFiles: () => files.refusedPaths(),
    refresh: async () => {
      const { records } = await readGenerationFolder(folder, publicKey);
      files = createServedFiles({ manifest, records }, context);
    },
    release: () => files.release(),
  };
}

function expectPlace({ manifest }: StoredGeneration, place: GenerationPlace): void {
  const { tree, generation } = place;
  if (manifest.tree === tree && manifest.generation === generation) return;
  const found = `${manifest.tree}@${manifest.generation}`;
  throw new TreeError('broken', `expected the manifest of ${tree}@${generation}, got ${found}'s`);
}

function createPieceSource(
  manifest: Manifest,
  fileAt: (at: number) => ServedFile | undefined,
): PieceSource {
  const layout = createStreamLayout(manifest.files.map((file) => file.size));
  return {
    read: async (offsetBytes, lengthBytes) => {
      const spans = layout.spans(offsetBytes, offsetBytes + lengthBytes);
      const bytes = await Promise.all(
        spans.flatMap(({ at, startByte, endByte }) => fileAt(at)?.read(startByte, endByte) ?? []),
      );
      const [only] = bytes;
      return only !== undefined && bytes.length === 1 ? only : Buffer.concat(bytes);
    },
  };
}

/** Reads the next chunk while the one before is sent. */
async function* readInChunks(
  file: ServedFile,
  { startByte, endByte }: { readonly startByte: number; readonly endByte: number },
): AsyncGenerator<Buffer> {
  const readFrom = (start: number) => {
    if (start >= endByte) return undefined;
    const reading = file.read(start, Math.min(start + chunkBytes, endByte));
    // Nobody may be there any more to hear of it.
    reading.catch(() => {});
    return reading;
  };
  let reading = readFrom(startByte);
  for (let next = startByte + chunkBytes; reading !== undefined; next += chunkBytes) {
    const bytes: Buffer = await reading;
    reading = readFrom(next);
    yield bytes;
  }
}
