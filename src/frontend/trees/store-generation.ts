import { rename } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Manifest, type ManifestLink, signManifest } from '../../protocol/manifest.ts';
import { messageOf } from '../../runtime/errors.ts';
import { syncFolder } from '../../runtime/files.ts';
import { TreeError } from './errors.ts';
import type { Former } from './former.ts';
import {
  type GenerationRecords,
  generationSizeBytes,
  writeGenerationFolder,
  writeRecords,
} from './generation-folder.ts';
import type { HashedTree } from './hash-tree.ts';
import { openManifestKeys } from './keys.ts';
import { explainNoRoom } from './no-room.ts';
import { generationFolder, treeFolder } from './tree-folders.ts';

export type StoreOptions = {
  readonly state: string;
  readonly tree: string;
  readonly former: Former;
  readonly hashed: HashedTree;
  readonly links: readonly ManifestLink[];
  /** In the order of `hashed.files`. */
  readonly records: GenerationRecords;
  /** An empty folder in the tree's folder. */
  readonly unfinished: string;
};

export type StoredReport = {
  readonly generation: number;
  readonly isNew: boolean;
  readonly infohash: string;
};

/** Signs and stores a generation, unless it holds the same as the newest one. */
export async function storeGeneration(options: StoreOptions): Promise<StoredReport> {
  const { state, tree, former, hashed, records, unfinished } = options;
  const manifest = manifestOf(options);
  const newest = former.generations.at(-1);
  if (newest !== undefined && holdsTheSame(newest.manifest, manifest)) {
    const { generation, infohash } = newest.manifest;
    const folder = generationFolder(state, tree, generation);
    // Only what this machine remembers of the files may be another: saves hashing next time.
    if (!isDeepStrictEqual(newest.records, records)) {
      const stored = { ...newest, records };
      await writing({ folder, stored }, () => writeRecords(folder, records));
    }
    return { generation, infohash, isNew: false };
  }
  const { privateKey } = await openManifestKeys(state);
  const manifestText = signManifest(manifest, privateKey);
  const stored = { manifestText, metainfo: hashed.metainfo, records };
  const { generation, infohash } = manifest;
  const folder = generationFolder(state, tree, generation);
  await writing({ folder, stored }, async () => {
    await writeGenerationFolder(unfinished, stored);
    await rename(unfinished, folder);
    await syncFolder(treeFolder(state, tree));
  });
  return { generation, infohash, isNew: true };
}

type Written = {
  readonly folder: string;
  readonly stored: Parameters<typeof generationSizeBytes>[0];
};

async function writing({ folder, stored }: Written, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const message = `expected to write '${folder}', got ${messageOf(cause)}; run as its owner`;
    const error = new TreeError('not-writable', message, { cause });
    const neededBytes = generationSizeBytes(stored);
    throw explainNoRoom(error, { folder, neededBytes, advice: 'make room, and add again' });
  }
}

function holdsTheSame(a: Manifest, b: Manifest): boolean {
  const contentOf = ({ pieceLength, files, links }: Manifest) => ({ pieceLength, files, links });
  return isDeepStrictEqual(contentOf(a), contentOf(b));
}

function manifestOf({ tree, former, hashed, links }: StoreOptions): Manifest {
  const { metainfo, files } = hashed;
  return {
    format: 1,
    tree,
    generation: former.nextNumber,
    createdAt: new Date().toISOString(),
    infohash: metainfo.infohash,
    pieceLength: metainfo.pieceLengthBytes,
    totalSize: metainfo.totalSizeBytes,
    files: files.map(({ path, sizeBytes: size, mtimeMs, sha256 }) => {
      return { path, size, mtimeMs, sha256 };
    }),
    links: [...links],
  };
}
