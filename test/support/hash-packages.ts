import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hashFile } from './hash-file.ts';

/**
 * The packages below a folder, sorted: `name SHA-256`, the name without the epoch that apt puts
 * into it.
 */
export async function hashPackages(folder: string, ending: '.deb' | '.rpm'): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true });
  const packages = paths.filter((path) => path.endsWith(ending));
  const lines = packages.map(async (path) => {
    const name = path.replace(/^.*\//, '').replace(/_\d+%3a/, '_');
    return `${name} ${await hashFile(join(folder, path))}`;
  });
  return (await Promise.all(lines)).sort();
}
