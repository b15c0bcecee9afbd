import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** SHA-256 in hex by path. */
export type TreeContent = Readonly<Record<string, string>>;

export const emptyFile = 'EMPTY';

const sizes: Readonly<Record<string, number>> = {
  '.treeinfo': 300,
  [emptyFile]: 0,
  'Packages/a/with two spaces.rpm': 70_001,
  'Packages/c/c++-1.0+git~rc1.rpm': 200_000,
  'Packages/d/e/e/p/deep.rpm': 65_536,
  'Packages/n/naïve-名前-1.0.rpm': 123_457,
  'Packages/s/100%25 & #1; a=b, [x].rpm': 30_011,
  'images/install.img': 3_000_123,
  'zz/last of all': 17,
};

/** Writes a small tree with the names that a package tree may have. */
export async function writeForeignTree(folder: string): Promise<TreeContent> {
  const content: Record<string, string> = {};
  for (const [path, sizeBytes] of Object.entries(sizes)) {
    const bytes = randomBytes(sizeBytes);
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
    content[path] = hashBytes(bytes);
  }
  return content;
}

/** What lies below a folder. Throws when it is not there. */
export async function readForeignTree(folder: string): Promise<TreeContent> {
  const content: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    content[relative(folder, path)] = hashBytes(await readFile(path));
  }
  return content;
}

export function hashBytes(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
