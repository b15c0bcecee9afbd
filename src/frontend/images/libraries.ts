import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readElf } from './elf.ts';
import { ImageError } from './errors.ts';
import type { Architecture } from './types.ts';

/** A library as it is to be called, with its content. */
export type Library = { readonly name: string; readonly bytes: Buffer };

export type Libraries = {
  /** The dynamic loader, which starts the program. */
  readonly loader: Library;
  readonly all: readonly Library[];
};

export type LibrarySearch = {
  readonly architecture: Architecture;
  /** What stands before the folders of libraries; the machine's own unless given. */
  readonly root?: string;
};

/** All libraries that a program needs, and those that they need. Throws ImageError `no-library`. */
export async function findLibraries(
  program: { readonly bytes: Buffer; readonly path: string },
  search: LibrarySearch,
): Promise<Libraries> {
  const { needed, interpreter } = readElf(program.bytes, program.path);
  const loaderName = basename(interpreter ?? 'ld.so');
  const found = new Map<string, Library>();
  const wanted = [loaderName, ...needed];
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    if (found.has(name)) continue;
    const bytes = await readLibrary(name, search);
    found.set(name, { name, bytes });
    wanted.push(...readElf(bytes, name).needed);
  }
  const loader = found.get(loaderName);
  if (loader === undefined) throw missing(loaderName, search.architecture);
  return { loader, all: [...found.values()] };
}

const triplets = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' } as const;

/** Debian's for any processor, those for cross-compiling, then other distributions' own. */
function foldersFor(architecture: Architecture): readonly string[] {
  const triplet = triplets[architecture];
  return [
    `/usr/lib/${triplet}`,
    `/lib/${triplet}`,
    `/usr/${triplet}/lib`,
    '/usr/lib64',
    '/lib64',
    '/usr/lib',
    '/lib',
  ];
}

/** Libraries of another processor may have the same name. */
async function readLibrary(
  name: string,
  { architecture, root = '/' }: LibrarySearch,
): Promise<Buffer> {
  for (const folder of foldersFor(architecture)) {
    const bytes = await readFile(join(root, folder, name)).catch(() => undefined);
    if (bytes === undefined) continue;
    if (readElf(bytes, join(folder, name)).architecture === architecture) return bytes;
  }
  throw missing(name, architecture);
}

function missing(name: string, architecture: Architecture): ImageError {
  const debian = { x64: 'libstdc++6-amd64-cross', arm64: 'libstdc++6-arm64-cross' } as const;
  const advice =
    process.arch === architecture
      ? "install it ('apt-get install libstdc++6', 'dnf install libstdc++')"
      : `'apt-get install ${debian[architecture]}' (Debian) brings it`;
  const text = `expected the library ${name} for ${architecture}, found none; ${advice}`;
  return new ImageError('no-library', text);
}
