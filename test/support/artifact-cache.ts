import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasErrorCode } from '../../src/runtime/errors.ts';

const cacheFolder = fileURLToPath(new URL('../../artifacts', import.meta.url));

export type Artifact = {
  /** What it is called, without a key. */
  readonly name: string;
  /** Everything that its content follows from; a change of it makes a new one. */
  readonly madeFrom: readonly string[];
  /** Fills an empty folder. */
  readonly make: (folder: string) => Promise<void>;
};

/**
 * A folder that is costly to make, kept in artifacts/ until what it is made from changes. A run
 * that is broken off leaves no half of it.
 */
export async function cachedFolder({ name, madeFrom, make }: Artifact): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(madeFrom)).digest('hex').slice(0, 12);
  const folder = join(cacheFolder, `${name}-${key}`);
  if (await exists(folder)) return folder;
  await mkdir(cacheFolder, { recursive: true });
  const temporary = await mkdtemp(join(cacheFolder, `.${name}-`));
  try {
    await make(temporary);
    await removeOlder(name);
    await rename(temporary, folder).catch(unlessMadeMeanwhile);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function removeOlder(name: string): Promise<void> {
  const older = (await readdir(cacheFolder)).filter((entry) => isOf(name, entry));
  for (const entry of older) await rm(join(cacheFolder, entry), { recursive: true, force: true });
}

function isOf(name: string, entry: string): boolean {
  return entry.startsWith(`${name}-`) && /^[0-9a-f]{12}$/.test(entry.slice(name.length + 1));
}

function unlessMadeMeanwhile(error: unknown): void {
  if (!hasErrorCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
}
