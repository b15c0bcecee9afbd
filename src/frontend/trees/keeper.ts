import { randomBytes } from 'node:crypto';
import { linkSync, lstatSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { constants, copyFile, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { TreeError } from './errors.ts';
import type { KeepMode } from './generation-folder.ts';
import type { HashedFile } from './hash-tree.ts';
import { type FileIdentity, identityOf, sameIdentity, sameInode } from './identity.ts';
import type { KnownLocation } from './location.ts';

export type KeepOptions = {
  /** The tree's `kept` folder. */
  readonly folder: string;
  readonly mode: KeepMode;
  /** What lies in that folder and is known to be good: identities by place. */
  readonly trusted: ReadonlyMap<string, FileIdentity>;
  readonly signal?: AbortSignal | undefined;
};

export type KeptPlace = {
  /** Below the tree's `kept` folder. */
  readonly key: string;
  /** Absolute. */
  readonly path: string;
  /** Of the file that was linked, or of the copy. */
  readonly identity: FileIdentity;
};

export type Keeper = {
  readonly keep: (file: HashedFile) => Promise<void>;
  /** Undefined for a file that is read in place. */
  readonly placeOf: (file: HashedFile) => KeptPlace | undefined;
  readonly refusals: readonly { readonly path: string; readonly reason: string }[];
};

// What a file system, or its limits, says to a link that it will not make.
const refusalCodes = ['EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** Puts one file or image after the other into the tree's `kept` folder, each content once. */
export function createKeeper(options: KeepOptions): Keeper {
  const { folder, mode, trusted } = options;
  const places = new Map<string, KeptPlace>();
  const refusals: { path: string; reason: string }[] = [];
  return {
    refusals,
    placeOf: (file) => places.get(keyOf(file)),
    keep: async (file) => {
      const key = keyOf(file);
      if (places.has(key)) return;
      const path = join(folder, key);
      try {
        const good = findGood(path, { mode, source: file.location, trusted: trusted.get(key) });
        const identity = good ?? (await put(file.location, path, mode));
        places.set(key, { key, path, identity });
      } catch (error) {
        if (mode !== 'link' || !hasErrorCode(error, ...refusalCodes)) throw wrap(error, file);
        refusals.push({ path: file.path, reason: messageOf(error) });
      }
    },
  };
}

/** What copies of these files need, each content once, besides what is there already. */
export function copiesSizeBytes(
  files: readonly HashedFile[],
  trusted: KeepOptions['trusted'],
): number {
  const sizes = new Map(files.map((file) => [keyOf(file), file.location.identity.sizeBytes]));
  return [...sizes].reduce((sum, [key, size]) => (trusted.has(key) ? sum : sum + size), 0);
}

/** Contents are called by their SHA-256; images, which are not hashed as a whole, by identity. */
function keyOf({ sha256, location }: HashedFile): string {
  if (location.extents === undefined) return `${sha256.slice(0, 2)}/${sha256}`;
  const { sizeBytes, mtimeNs, ino } = location.identity;
  return `images/${ino}-${sizeBytes}-${mtimeNs}`;
}

type Wanted = {
  readonly mode: KeepMode;
  readonly source: KnownLocation;
  readonly trusted: FileIdentity | undefined;
};

/** The identity of what lies there already, if it can stay. */
function findGood(path: string, { mode, source, trusted }: Wanted): FileIdentity | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const identity = identityOf(stat);
  const isCopy = stat.nlink === 1n;
  if (trusted !== undefined && sameIdentity(trusted, identity)) {
    return mode === 'link' || isCopy ? identity : undefined;
  }
  return mode === 'link' && sameInode(identity, source.identity) ? source.identity : undefined;
}

/** Never leaves a part of a file there: what is new is renamed into place. */
async function put(source: KnownLocation, path: string, mode: KeepMode): Promise<FileIdentity> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  mkdirSync(dirname(path), { recursive: true });
  try {
    const identity = mode === 'copy' ? await copy(source, temporary) : link(source, temporary);
    renameSync(temporary, path);
    return identity;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function link(source: KnownLocation, path: string): FileIdentity {
  linkSync(source.path, path);
  return source.identity;
}

async function copy(source: KnownLocation, path: string): Promise<FileIdentity> {
  await copyFile(source.path, path, constants.COPYFILE_FICLONE);
  const file = await open(path, 'r');
  try {
    await file.sync();
    return identityOf(await file.stat({ bigint: true }));
  } finally {
    await file.close();
  }
}

function wrap(cause: unknown, file: HashedFile): TreeError {
  const message = `expected to keep '${file.path}', got ${messageOf(cause)}`;
  if (hasErrorCode(cause, 'ENOENT')) return new TreeError('changed', message, { cause });
  return new TreeError('not-kept', `${message}; add with --keep link or none`, { cause });
}
