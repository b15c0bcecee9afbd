import { createHash } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { type AddOptions, type AddReport, addTree } from '../../../src/frontend/trees/add.ts';
import { createTreeCatalog } from '../../../src/frontend/trees/catalog.ts';
import type { Generation, TreeCatalog } from '../../../src/frontend/trees/types.ts';
import { type Log, silentLog } from '../../../src/runtime/log.ts';
import { bytesOf } from '../../support/small-tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

export type Contents = Readonly<Record<string, string | Buffer>>;

export type TreeFixture = {
  readonly state: string;
  /** The folder that becomes a tree. */
  readonly source: string;
  readonly add: (options?: Partial<AddOptions>) => Promise<AddReport>;
  /** A catalog that is closed with the test, loaded once. */
  readonly open: (log?: Log) => Promise<TreeCatalog>;
  /** The newest generation in a catalog of its own. */
  readonly newest: (log?: Log) => Promise<Generation>;
};

/** A source folder with these contents, and a state folder beside it. */
export async function makeTree(t: ExecutionContext, contents: Contents): Promise<TreeFixture> {
  const folder = await temporaryFolder(t);
  const state = join(folder, 'state');
  const source = join(folder, 'source');
  await mkdir(source);
  await writeContents(source, contents);
  const open = async (log: Log = silentLog) => {
    const catalog = createTreeCatalog({ log }, { state });
    t.teardown(catalog.close);
    await catalog.reload();
    return catalog;
  };
  return {
    state,
    source,
    open,
    add: (options) => addTree({ state, source, name: 'lab', keep: 'link', ...options }),
    newest: async (log) => defined((await open(log)).newest('lab')),
  };
}

export async function writeContents(folder: string, contents: Contents): Promise<void> {
  for (const [path, content] of Object.entries(contents)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** As a mirror does: a new file under another name, renamed over the old one. */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}

/** So many files of these sizes, the same at every run. */
export function manyFiles(count: number, sizeOf: (at: number) => number): Contents {
  const entries = Array.from({ length: count }, (_, at) => {
    const path = `d${at % 7}/f${String(at).padStart(5, '0')}`;
    return [path, bytesOf(path, sizeOf(at))] as const;
  });
  return Object.fromEntries(entries);
}

export async function readWhole(generation: Generation, path: string): Promise<Buffer> {
  const { file } = defined(generation.lookup(path));
  const parts = generation.read(file, { startByte: 0, endByte: file.size });
  return Buffer.concat(await Array.fromAsync(parts));
}

/** The pieces of a generation whose bytes do not have the torrent's hash. */
export async function wrongPieces(generation: Generation): Promise<number[]> {
  const { pieceCount, pieceLengthBytes, pieceHashes, totalSizeBytes } = generation.metainfo;
  const wrong: number[] = [];
  for (let piece = 0; piece < pieceCount; piece += 1) {
    const start = piece * pieceLengthBytes;
    const length = Math.min(pieceLengthBytes, totalSizeBytes - start);
    const sha1 = createHash('sha1')
      .update(await generation.pieces.read(start, length))
      .digest();
    if (!sha1.equals(pieceHashes.subarray(piece * 20, piece * 20 + 20))) wrong.push(piece);
  }
  return wrong;
}

export function defined<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('expected a value, got undefined');
  return value;
}
