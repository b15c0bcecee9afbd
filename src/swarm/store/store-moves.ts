import { constants } from 'node:fs';
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorePlace } from '../types.ts';

/** In the folder in which a process begins: where its store went from there. */
const fileName = 'scree-store-moved.json';
const longestBytes = 8192;

/** Undefined: it has not moved, or somebody else says so, or what stands there makes no sense. */
export async function readMoved(home: string): Promise<StorePlace | undefined> {
  try {
    const moved: unknown = JSON.parse(await readOwn(join(home, fileName)));
    return isPlace(moved) ? { folder: moved.folder, sizeBytes: moved.sizeBytes } : undefined;
  } catch {
    return undefined;
  }
}

/** `undefined`: it is at home. */
export async function writeMoved(home: string, place: StorePlace | undefined): Promise<void> {
  const path = join(home, fileName);
  await rm(path, { force: true });
  if (place === undefined) return;
  await writeFile(path, JSON.stringify(place), { flag: 'wx', mode: 0o600 });
}

async function readOwn(path: string): Promise<string> {
  await using file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  const status = await file.stat();
  const isOurs = status.isFile() && status.uid === process.getuid?.();
  if (!isOurs || status.size > longestBytes) return '';
  return await file.readFile('utf8');
}

function isPlace(value: unknown): value is StorePlace {
  if (typeof value !== 'object' || value === null) return false;
  const { folder, sizeBytes } = value as Partial<Record<keyof StorePlace, unknown>>;
  const isSize = Number.isSafeInteger(sizeBytes) && Number(sizeBytes) > 0;
  return typeof folder === 'string' && folder.startsWith('/') && isSize;
}
