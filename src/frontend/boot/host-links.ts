import type { Dirent } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../runtime/errors.ts';
import { findContained, placeIn, type Root } from './contained-file.ts';

/** What stands at a name of a host root. */
export type HostLink = {
  /** From the host root. */
  readonly name: string;
  /** A link's text; undefined for a file. */
  readonly target: string | undefined;
  readonly leadsTo:
    | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number }
    /** `path` is `''` for the general root itself. */
    | { readonly kind: 'folder'; readonly path: string }
    | { readonly kind: 'nothing'; readonly reason: string };
};

const mostNames = 10_000;

/** Everything in a host root, folders only as parts of names; sorted, at most 10,000. */
export async function listHostLinks(root: Root): Promise<readonly HostLink[]> {
  const links: HostLink[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const entry of await entriesOf(join(root.general, root.folder, folder))) {
      const name = join(folder, entry.name);
      if (entry.isDirectory()) pending.push(name);
      else links.push(await describeEntry(root, name, entry));
      if (links.length + pending.length >= mostNames) return sorted(links);
    }
  }
  return sorted(links);
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

async function describeEntry(root: Root, name: string, entry: Dirent): Promise<HostLink> {
  const absolute = join(root.general, root.folder, name);
  const target = entry.isSymbolicLink() ? await readlink(absolute).catch(() => '') : undefined;
  const found = await findContained(root, name);
  if (found?.kind === 'file') {
    const { path, sizeBytes } = found;
    return { name, target, leadsTo: { kind: 'file', path, sizeBytes } };
  }
  const folder = await folderAt(root, absolute);
  if (folder !== undefined) return { name, target, leadsTo: { kind: 'folder', path: folder } };
  const reason = found?.reason ?? 'it went away';
  return { name, target, leadsTo: { kind: 'nothing', reason } };
}

/** The folder of the roots that a link leads to, from the general root. */
async function folderAt(root: Root, absolute: string): Promise<string | undefined> {
  try {
    const real = await realpath(absolute);
    const place = real === root.general ? '' : placeIn(root, real);
    return place !== undefined && (await stat(real)).isDirectory() ? place : undefined;
  } catch {
    return undefined;
  }
}

function sorted(links: readonly HostLink[]): readonly HostLink[] {
  return links.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
