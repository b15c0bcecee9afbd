import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { createMetainfo, encodeTorrent } from '../../src/protocol/metainfo.ts';
import { createCatalog, type RunningTracker, startTracker } from './tracker-fixture.ts';

export type SharedFile = RunningTracker & {
  readonly infohash: string;
  readonly content: Buffer;
  /** A folder that holds the file, for who seeds it. */
  readonly seedFolder: string;
  /** An empty one, for who fetches it. */
  readonly fetchFolder: string;
  readonly name: string;
  /** Writes a torrent that knows one tracker, and returns its path. */
  readonly writeTorrent: (announce: string) => Promise<string>;
};

const pieceLengthBytes = 64 * 1024;

/** A tracker, a random file of 1 MiB and its torrent, all gone at the test's end. */
export async function shareFile(
  t: ExecutionContext,
  options: { readonly host?: string } = {},
): Promise<SharedFile> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-tracker-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const content = randomBytes(1024 * 1024);
  const metainfo = createMetainfo({
    name: 'file.bin',
    pieceLengthBytes,
    pieceHashes: hashPieces(content),
    files: [{ path: 'file.bin', sizeBytes: content.length }],
    singleFile: true,
  });
  const { infohash, name } = metainfo;
  const folders = { seedFolder: join(folder, 'seed'), fetchFolder: join(folder, 'fetch') };
  for (const each of Object.values(folders)) await mkdir(each);
  await writeFile(join(folders.seedFolder, name), content);
  const catalog = createCatalog([{ infohash, name, totalSizeBytes: content.length }]);
  const running = await startTracker(t, { ...options, catalog });
  const writeTorrent = async (announce: string): Promise<string> => {
    const path = join(folder, 'file.torrent');
    await writeFile(path, encodeTorrent(metainfo, { trackers: [announce], webSeeds: [] }));
    return path;
  };
  return { ...running, ...folders, infohash, content, name, writeTorrent };
}

function hashPieces(content: Buffer): Buffer {
  const count = Math.ceil(content.length / pieceLengthBytes);
  const hashes = Array.from({ length: count }, (_, piece) =>
    createHash('sha1')
      .update(content.subarray(piece * pieceLengthBytes, (piece + 1) * pieceLengthBytes))
      .digest(),
  );
  return Buffer.concat(hashes);
}
