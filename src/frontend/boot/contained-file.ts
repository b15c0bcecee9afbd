import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import type { BootFile, BootRefusal, OpenBootFile } from './types.ts';

/** Where files may be: `folder` below `general`, and, for links, the general root without `hosts`. */
export type Root = {
  /** The general root: absolute, without links. */
  readonly general: string;
  /** `''` for the general root itself, or `hosts/<node>`. */
  readonly folder: string;
};

const privateFolder = 'hosts';
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Finds the file at a path of a root, through links as long as they lead to a file of the same root
 * or of the general one. Resolves with undefined where nothing stands at all.
 */
export async function findContained(
  root: Root,
  path: string,
): Promise<BootFile | BootRefusal | undefined> {
  const absolute = join(root.general, root.folder, path);
  const shown = join(root.folder, path);
  try {
    const real = await realpath(absolute);
    const place = placeIn(root, real);
    if (place === undefined) return leadsOut(shown);
    const file = await openContained(root, real);
    const { sizeBytes, mtimeMs } = file;
    await file.close();
    const reopen = () => openContained(root, real);
    return { kind: 'file', path: place, sizeBytes, mtimeMs, open: reopen };
  } catch (error) {
    return explain(error, { absolute, shown });
  }
}

/** The path from the general root; undefined for what this root may not lead to. */
export function placeIn({ general, folder }: Root, real: string): string | undefined {
  if (!real.startsWith(`${general}/`)) return undefined;
  const place = real.slice(general.length + 1);
  if (folder !== '' && place.startsWith(`${folder}/`)) return place;
  return place.startsWith(`${privateFolder}/`) || place === privateFolder ? undefined : place;
}

/** Opens what has no links any more; the kernel then says what it really is that was opened. */
async function openContained(root: Root, real: string): Promise<OpenBootFile> {
  const handle = await open(real, flags);
  try {
    const opened = await readlink(`/proc/self/fd/${handle.fd}`);
    if (placeIn(root, opened) === undefined) throw new Error('it has moved out of the root');
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error('it is not a file');
    return {
      sizeBytes: stat.size,
      mtimeMs: stat.mtimeMs,
      read: (offsetBytes, lengthBytes) => readFrom(handle, offsetBytes, lengthBytes),
      parts: [{ descriptor: handle.fd, sizeBytes: stat.size }],
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readFrom(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

type Place = { readonly absolute: string; readonly shown: string };

async function explain(
  error: unknown,
  { absolute, shown }: Place,
): Promise<BootRefusal | undefined> {
  const isNothing = hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG');
  if (isNothing && !(await isLink(absolute))) return undefined;
  const found = isNothing ? 'a link to nothing' : messageOf(error);
  return { kind: 'refuse', code: 'broken', reason: `expected a file at '${shown}', got ${found}` };
}

/** A link that leads nowhere was put there on purpose: what it hides is not what should be sent. */
async function isLink(absolute: string): Promise<boolean> {
  const stat = await lstat(absolute).catch(() => undefined);
  return stat?.isSymbolicLink() === true;
}

function leadsOut(shown: string): BootRefusal {
  const reason = `expected a link to a file of the boot roots at '${shown}', got one that leads out`;
  return { kind: 'refuse', code: 'forbidden', reason };
}
