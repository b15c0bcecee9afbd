import { constants, type Stats } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { formatBytes } from '../../runtime/units.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** The state folder as this user finds it. */
export type StateFacts = {
  readonly path: string;
  /** `missing`: the frontend makes it at its first start. */
  readonly folder: 'there' | 'missing' | { readonly unusable: string };
  readonly isWritable: boolean;
  /** User ids; undefined where there is no such thing to tell. */
  readonly ownerId: number | undefined;
  readonly userId: number | undefined;
  /** The permissions of the key that signs manifests; undefined: no key yet. */
  readonly keyMode: number | undefined;
  readonly freeBytes: number | undefined;
  /** How many more files; undefined where the file system has no limit. */
  readonly freeFiles: number | undefined;
};

const scarceBytes = 1024 ** 3;
const tooFewBytes = 64 * 1024 ** 2;
const tooFewFiles = 1_000;
const root = 0;

export async function lookAtState(path: string): Promise<StateFacts> {
  const found = await statIfThere(path);
  const isThere = found !== undefined && !('unusable' in found);
  const nearest = isThere ? path : await nearestFolder(path);
  const room = await statfs(nearest).catch(() => undefined);
  const key = await statIfThere(join(path, 'keys', 'manifest.key'));
  const isKeyThere = key !== undefined && !('unusable' in key);
  return {
    path,
    folder: folderOf(found),
    isWritable: await isAllowed(nearest, constants.W_OK | constants.X_OK),
    ownerId: isThere ? found.uid : undefined,
    userId: process.getuid?.(),
    keyMode: isKeyThere ? key.mode & 0o777 : undefined,
    freeBytes: room && room.bavail * room.bsize,
    freeFiles: room === undefined || room.files === 0 ? undefined : room.ffree,
  };
}

/** Who may write there, who may read the key, and how much room there is. */
export function checkState(facts: StateFacts): readonly Finding[] {
  return [checkFolder(facts), ...checkKey(facts), ...checkRoom(facts)];
}

function checkFolder({ path, folder, isWritable, ownerId, userId }: StateFacts): Finding {
  if (typeof folder === 'object') {
    return problem('state', `expected a folder '${path}', got: ${folder.unusable}`, elsewhere);
  }
  const isOthers = ownerId !== undefined && userId !== root && ownerId !== userId;
  if (isOthers) {
    const text = `'${path}' belongs to user ${ownerId}, this is user ${userId}`;
    return problem('state', text, 'start scree as its owner, or give the folder to this user');
  }
  if (!isWritable) {
    const what = folder === 'missing' ? 'cannot be made' : 'cannot be written to';
    return problem('state', `'${path}' ${what} by this user`, `start as root; or ${elsewhere}`);
  }
  if (folder === 'missing') return ok('state', `'${path}' is not there yet; it can be made`);
  return ok('state', `'${path}' is there, and can be written to`);
}

const elsewhere = "name another folder in 'state:'";

function checkKey({ path, keyMode }: StateFacts): readonly Finding[] {
  if (keyMode === undefined || (keyMode & 0o077) === 0) return [];
  const key = join(path, 'keys', 'manifest.key');
  const text = `others may read the key that signs trees (mode ${keyMode.toString(8)})`;
  return [warning('state', text, `chmod 600 ${key}`)];
}

function checkRoom({ path, freeBytes, freeFiles }: StateFacts): readonly Finding[] {
  if (freeBytes === undefined) return [];
  const advice = `make room on the file system of '${path}', or name another folder in 'state:'`;
  if (freeFiles !== undefined && freeFiles < tooFewFiles) {
    return [problem('disk', `no more than ${freeFiles} files can be made`, advice)];
  }
  const text = `${formatBytes(freeBytes)} free`;
  if (freeBytes < tooFewBytes) return [problem('disk', text, advice)];
  if (freeBytes < scarceBytes) return [warning('disk', text, advice)];
  return [ok('disk', text)];
}

async function statIfThere(
  path: string,
): Promise<Stats | { readonly unusable: string } | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    return { unusable: messageOf(error) };
  }
}

function folderOf(found: Awaited<ReturnType<typeof statIfThere>>): StateFacts['folder'] {
  if (found === undefined) return 'missing';
  if ('unusable' in found) return found;
  return found.isDirectory() ? 'there' : { unusable: 'no folder' };
}

async function nearestFolder(path: string): Promise<string> {
  const parent = dirname(path);
  if (parent === path) return path;
  const found = await statIfThere(parent);
  return found !== undefined && !('unusable' in found) ? parent : nearestFolder(parent);
}

function isAllowed(path: string, mode: number): Promise<boolean> {
  return access(path, mode).then(
    () => true,
    () => false,
  );
}
