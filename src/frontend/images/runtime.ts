import { readFile } from 'node:fs/promises';
import { hasErrorCode } from '../../runtime/errors.ts';
import { readElf } from './elf.ts';
import { ImageError } from './errors.ts';
import { findForeignTables } from './locale-data.ts';
import type { Architecture } from './types.ts';

export type SlimRuntime = { readonly bytes: Buffer; readonly warnings: readonly string[] };

/** Reads the pinned Node. Throws ImageError `no-runtime`. */
export async function readRuntime(path: string, architecture: Architecture): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const name = `node-linux-${architecture}`;
    const advice = hasErrorCode(cause, 'ENOENT')
      ? `'npm install --prefix FOLDER --force ${name}@${process.versions.node}' brings it, ` +
        `--node FOLDER/node_modules/${name}/bin/node names it`
      : 'make it readable';
    const text = `expected Node for ${architecture} in '${path}', found none; ${advice}`;
    throw new ImageError('no-runtime', text, { cause });
  }
}

/**
 * Node without what the agent never uses: symbols and sections for debuggers, which `strip` would
 * take too, and ICU's tables of languages but English, which become zeros, as most of what is left
 * compresses badly. Throws ImageError `bad-binary`.
 */
export function slimRuntime(node: Buffer, path: string, architecture: Architecture): SlimRuntime {
  const elf = readElf(node, path);
  if (elf.architecture !== architecture) {
    const text = `expected Node for ${architecture} in '${path}', got one for another processor`;
    throw new ImageError('bad-binary', text);
  }
  const bytes = Buffer.from(node.subarray(0, elf.loadedBytes));
  forgetSections(bytes);
  const place = elf.findSymbol((name) => /^icudt\d+_dat$/.test(name));
  const data = bytes.subarray(place?.start, (place?.start ?? 0) + (place?.sizeBytes ?? 0));
  const foreign = place === undefined ? undefined : findForeignTables(data);
  for (const { start, sizeBytes } of foreign ?? []) data.fill(0, start, start + sizeBytes);
  if (foreign !== undefined) return { bytes, warnings: [] };
  const text = `expected ICU's tables in '${path}', found none; the image is larger for it`;
  return { bytes, warnings: [text] };
}

/** The table of sections was behind what is loaded: offset, count and index of their names. */
function forgetSections(bytes: Buffer): void {
  bytes.writeBigUInt64LE(0n, 40);
  bytes.writeUInt16LE(0, 60);
  bytes.writeUInt16LE(0, 62);
}
