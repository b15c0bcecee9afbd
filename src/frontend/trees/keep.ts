import { lstatSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TreeError } from './errors.ts';
import type { FileRecord } from './generation-folder.ts';
import type { HashedFile } from './hash-tree.ts';
import { type FileIdentity, identityOf, sameButForCtime, sameIdentity } from './identity.ts';
import { copiesSizeBytes, createKeeper, type Keeper, type KeepOptions } from './keeper.ts';
import { explainNoRoom, type RoomNeed } from './no-room.ts';

export type Kept = {
  /** For files.json, in the order of `files`. */
  readonly records: readonly FileRecord[];
  readonly warnings: readonly string[];
};

/**
 * Keeps the bytes of all files in the tree's own folder, so that they are still there when
 * the source is replaced. What cannot be linked is read in place, with a warning. Throws TreeError
 * `changed` when a file is not what was hashed any more, `no-room` when the disk is full.
 */
export async function keepFiles(files: readonly HashedFile[], options: KeepOptions): Promise<Kept> {
  const keeper = createKeeper(options);
  await keepEach(files, keeper, options);
  // A link changes its file's ctime: the identities are taken when all links are made.
  const identities = new Map<string, FileIdentity>();
  const identityAt = (path: string) => {
    const identity = identities.get(path) ?? lookAt(path);
    identities.set(path, identity);
    return identity;
  };
  const records = files.map((file) => recordOf(file, keeper, identityAt));
  return { records, warnings: warningsOf(keeper) };
}

async function keepEach(
  files: readonly HashedFile[],
  keeper: Keeper,
  options: KeepOptions,
): Promise<void> {
  for (const [at, file] of files.entries()) {
    if (at % 256 === 0) await nextTurn(undefined, options.signal ? { signal: options.signal } : {});
    if (options.mode === 'none') continue;
    try {
      await keeper.keep(file);
    } catch (error) {
      throw explainNoRoom(error, roomFor(files, options));
    }
  }
}

/** A copy needs room for its bytes, a link hardly any. */
function roomFor(files: readonly HashedFile[], { folder, mode, trusted }: KeepOptions): RoomNeed {
  if (mode !== 'copy') return { folder, advice: 'make room there' };
  const neededBytes = copiesSizeBytes(files, trusted);
  return { folder, neededBytes, advice: 'make room there, or add with --keep link or none' };
}

function recordOf(
  file: HashedFile,
  keeper: Keeper,
  identityAt: (path: string) => FileIdentity,
): FileRecord {
  const { path, extents, identity: hashed } = file.location;
  const seen = identityAt(path);
  expectSame(file, hashed, seen);
  const common = extents === undefined ? {} : { extents: [...extents] };
  const kept = keeper.placeOf(file);
  if (kept === undefined) return { place: { path }, identity: seen, ...common };
  const identity = identityAt(kept.path);
  expectSame(file, kept.identity, identity);
  const elsewhere = sameIdentity(seen, identity) ? {} : { seen };
  return { place: { kept: kept.key }, identity, ...elsewhere, ...common };
}

function lookAt(path: string): FileIdentity {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (stat !== undefined) return identityOf(stat);
  throw new TreeError(
    'changed',
    `expected '${path}' to stay, but it went away; add the tree again`,
  );
}

function expectSame(file: HashedFile, hashed: FileIdentity, now: FileIdentity): void {
  if (sameButForCtime(hashed, now)) return;
  const message = `expected '${file.path}' to stay as it was hashed, but it was written to`;
  throw new TreeError('changed', `${message}; add the tree when nothing writes to it`);
}

function warningsOf({ refusals }: Keeper): string[] {
  const [first] = refusals;
  if (first === undefined) return [];
  const [files, they] =
    refusals.length === 1 ? ['1 file is', 'it is'] : [`${refusals.length} files are`, 'they are'];
  return [
    `${files} read in place, and not served any more once ${they} replaced: '${first.path}' ` +
      `cannot be linked (${first.reason}); --keep copy would keep what was replaced`,
  ];
}
