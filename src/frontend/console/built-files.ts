import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { hasErrorCode } from '../../runtime/errors.ts';
import { createDocument, type Document } from '../http/replies.ts';

const compress = promisify(gzip);

/** Where `npm run build` puts them, which `npm ci` does by itself. */
export const builtConsole = fileURLToPath(new URL('../../../dist/console/', import.meta.url));

/** What the console consists of; nothing else in the folder is served. */
const types = new Map([
  ['index.html', 'text/html; charset=utf-8'],
  ['main.js', 'text/javascript; charset=utf-8'],
  ['main.css', 'text/css; charset=utf-8'],
  ['icon.svg', 'image/svg+xml'],
]);

export type BuiltFiles = {
  /** Undefined: it is not of the console, or not built. */
  readonly find: (name: string, takesGzip: boolean) => Promise<Document | undefined>;
};

type Kept = { readonly mtimeMs: number; readonly plain: Document; readonly packed: Document };

/** Each is read and compressed once, and again when it was built anew. */
export function createBuiltFiles(folder: string = builtConsole): BuiltFiles {
  const kept = new Map<string, Kept>();
  return {
    find: async (name, takesGzip) => {
      const contentType = types.get(name);
      if (contentType === undefined) return undefined;
      const path = join(folder, name);
      const mtimeMs = await mtimeOf(path);
      if (mtimeMs === undefined) return undefined;
      const known = kept.get(name);
      const file = known?.mtimeMs === mtimeMs ? known : await read(path, { mtimeMs, contentType });
      kept.set(name, file);
      return takesGzip ? file.packed : file.plain;
    },
  };
}

async function mtimeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function read(
  path: string,
  { mtimeMs, contentType }: { readonly mtimeMs: number; readonly contentType: string },
): Promise<Kept> {
  const bytes = await readFile(path);
  const common = { contentType, lastModified: new Date(mtimeMs) };
  return {
    mtimeMs,
    plain: createDocument({ ...common, bytes }),
    packed: createDocument({ ...common, bytes: await compress(bytes), encoding: 'gzip' }),
  };
}
