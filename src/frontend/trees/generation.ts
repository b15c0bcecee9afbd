import type { KeyObject } from 'node:crypto';
import type { Manifest, ManifestFile } from '../../protocol/manifest.ts';
import { createStreamLayout } from '../../protocol/stream-layout.ts';
import { createTreeIndex } from '../../protocol/tree-index.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import type { PieceSource } from '../../swarm/types.ts';
import { appendAdoption } from './adoptions.ts';
import type { Descriptors } from './descriptors.ts';
import { TreeError } from './errors.ts';
import { locationOf, readGenerationFolder, type StoredGeneration } from './generation-folder.ts';
import type { KnownLocation } from './location.ts';
import { createServedFile, type ServedFile } from './served-file.ts';
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
  let files = serveFiles(stored, context);
  const places = new Map(manifest.files.map((file, at) => [file.path, at]));
  const servedAs = (file: ManifestFile): ServedFile => {
    const served = files[places.get(file.path) ?? -1]?.served;
    if (served !== undefined) return served;
    throw new TreeError('changed', `expected a file of ${tree}@${generation}, got '${file.path}'`);
  };
  return {
    ...{ tree, generation, manifest, manifestText, metainfo },
    lookup: createTreeIndex(manifest).lookup,
    pieces: createPieceSource(manifest, (at) => files[at]?.served),
    check: async (file) => void (await servedAs(file).read(0, 0)),
    read: (file, range) => readInChunks(servedAs(file), range),
    changedFiles: () => files.flatMap(({ path, served }) => (served.isRefused() ? [path] : [])),
    refresh: async () => {
      files = serveFiles(await readGenerationFolder(folder, publicKey), context);
    },
    release: () => {
      for (const { location } of files) deps.descriptors.forget(location.path);
    },
  };
}

function expectPlace({ manifest }: StoredGeneration, place: GenerationPlace): void {
  const { tree, generation } = place;
  if (manifest.tree === tree && manifest.generation === generation) return;
  const found = `${manifest.tree}@${manifest.generation}`;
  throw new TreeError('broken', `expected the manifest of ${tree}@${generation}, got ${found}'s`);
}

type Served = {
  readonly path: string;
  readonly location: KnownLocation;
  readonly served: ServedFile;
};

function serveFiles(
  { manifest, records }: StoredGeneration,
  context: {
    readonly descriptors: Descriptors;
    readonly log: Log;
    readonly folder: string;
    readonly kept: string;
  },
): readonly Served[] {
  const { descriptors, folder, kept } = context;
  const log = context.log.with({ tree: manifest.tree, generation: manifest.generation });
  return records.files.map((record, at) => {
    const { path = '', size = 0, sha256 = '' } = manifest.files[at] ?? {};
    const location = locationOf(record, kept);
    const served = createServedFile(
      { path, sizeBytes: size, sha256, location },
      {
        descriptors,
        onRefused: (reason) => log.warn('tree file is not what was hashed', { path, reason }),
        onAdopted: (identity) => {
          log.debug('tree file has the same content', { path });
          appendAdoption(folder, { at, identity }).catch((error: unknown) =>
            log.debug('could not remember a file', { path, reason: messageOf(error) }),
          );
        },
      },
    );
    return { path, location, served };
  });
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
