import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folders of these packages and of everything that they depend on, by the package's name. */
export function listDependencies(names: Iterable<string>): ReadonlyMap<string, string> {
  const folders = new Map<string, string>();
  const add = (name: string, from: string): void => {
    const folder = findPackage(name, from);
    if (folder === undefined || [...folders.values()].includes(folder)) return;
    folders.set(folders.has(name) ? folder : name, folder);
    for (const dependency of readDependencies(folder)) add(dependency, folder);
  };
  for (const name of names) add(name, '.');
  return folders;
}

/** True for a package that holds, or builds, code for one kind of machine. */
export function isNative(folder: string): boolean {
  if (existsSync(join(folder, 'binding.gyp'))) return true;
  return globSync('**/*.node', { cwd: folder }).length > 0;
}

/** As Node does: the nearest node_modules upwards. Optional ones may be missing. */
function findPackage(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  return from === '.' ? undefined : findPackage(name, dirname(from));
}

function readDependencies(folder: string): string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return [...keysOf(manifest, 'dependencies'), ...keysOf(manifest, 'optionalDependencies')];
}

function keysOf(manifest: unknown, field: string): string[] {
  if (typeof manifest !== 'object' || manifest === null) return [];
  const value: unknown = Object.entries(manifest).find(([name]) => name === field)?.[1];
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}
