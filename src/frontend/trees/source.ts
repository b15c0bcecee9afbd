import { open, realpath, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isVolumeDescriptor } from '../../protocol/iso9660/volume.ts';
import { messageOf } from '../../runtime/errors.ts';
import { TreeError } from './errors.ts';
import { mtimeMsOf } from './identity.ts';
import type { Scan } from './scan.ts';
import { scanFolder } from './scan-folder.ts';
import { scanImage } from './scan-image.ts';

/** Where a tree comes from. */
export type Source = {
  readonly kind: 'folder' | 'image';
  /** Absolute, without links. */
  readonly path: string;
  /** What the files are at this moment. Throws TreeError, `empty` when there is nothing to serve. */
  readonly scan: (signal?: AbortSignal) => Promise<Scan>;
};

/** Finds out whether this is a folder or an ISO 9660 image. Throws TreeError. */
export async function openSource(path: string, stateFolder: string): Promise<Source> {
  const { kind, real } = await look(path);
  const realState = await realpath(stateFolder).catch(() => resolve(stateFolder));
  if (kind === 'folder' && `${realState}/`.startsWith(`${real}/`)) {
    const message = `expected a folder that does not hold the state folder '${stateFolder}'`;
    throw new TreeError('bad-source', `${message}, got '${path}'; keep the state elsewhere`);
  }
  const scanHere = (signal?: AbortSignal) =>
    kind === 'folder' ? scanFolder(path, signal) : scanImage(real, signal);
  return {
    kind,
    path: real,
    scan: async (signal) => settled(notEmpty(await scanHere(signal), path), signal),
  };
}

async function look(path: string): Promise<{ kind: Source['kind']; real: string }> {
  try {
    const real = await realpath(path);
    const found = await stat(real);
    if (found.isDirectory()) return { kind: 'folder', real };
    if (found.isFile() && (await isImage(real))) return { kind: 'image', real };
  } catch (cause) {
    const message = `expected a folder or an ISO image at '${path}', got ${messageOf(cause)}`;
    throw new TreeError('unreadable', message, { cause });
  }
  const message = `expected a folder or an ISO 9660 image, got something else at '${path}'`;
  throw new TreeError('bad-source', message);
}

async function isImage(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 16 * 2048);
    return isVolumeDescriptor(buffer);
  } finally {
    await file.close();
  }
}

function notEmpty(scan: Scan, path: string): Scan {
  if (scan.files.some((file) => file.sizeBytes > 0)) return scan;
  const found = scan.files.length === 0 ? 'no files' : 'only empty files';
  throw new TreeError('empty', `expected files to serve in '${path}', got ${found}`);
}

// File systems tell times in steps of up to this many milliseconds.
const timestampStepMs = 20;

/** Waits until a file that was just written can no longer change without a newer time. */
async function settled(scan: Scan, signal: AbortSignal | undefined): Promise<Scan> {
  const times = scan.files.map(({ location }) => mtimeMsOf(location.identity));
  const newestMs = times.reduce((newest, mtimeMs) => Math.max(newest, mtimeMs), 0);
  const ageMs = Date.now() - newestMs;
  if (ageMs < timestampStepMs && ageMs > -timestampStepMs) {
    await delay(timestampStepMs, undefined, signal === undefined ? {} : { signal });
  }
  return scan;
}
