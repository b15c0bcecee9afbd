import { basename } from 'node:path';
import { choosePieceLengthBytes, createMetainfo, type Metainfo } from '../protocol/metainfo.ts';
import type { PlacedFile } from '../protocol/tree-index.ts';
import { ScreeError } from '../runtime/errors.ts';
import { FileHasher } from './file-hasher.ts';
import type { FileTorrentStore } from './file-torrent-store.ts';
import { TreeError } from './trees/errors.ts';
import type { Generation } from './trees/types.ts';
import { WaitingLine } from './waiting-line.ts';

export class FileTorrentError extends ScreeError<'busy'> {}

export type FileTorrent = {
  readonly generation: Generation;
  readonly file: PlacedFile;
  readonly metainfo: Metainfo;
};

export type FileTorrents = {
  /**
   * The torrent of one file, made when it is first asked for. Rejects with TreeError when the
   * file is not what was hashed, with FileTorrentError when too many others wait for theirs.
   */
  readonly get: (generation: Generation, file: PlacedFile) => Promise<Metainfo>;
  /** Takes up what earlier runs of the program have made for a generation. */
  readonly load: (generation: Generation) => Promise<void>;
};

// Hashing is bound by the disk or by one core; more at a time only make each slower.
const limits = { workers: 2, longest: 256 };

/** Torrents of single files, for any BitTorrent client. `onReady` hears of each one once. */
export function createFileTorrents(deps: {
  readonly store: FileTorrentStore;
  readonly onReady: (torrent: FileTorrent) => void;
}): FileTorrents {
  const line = new WaitingLine(limits);
  const known = new WeakMap<Generation, Map<number, Promise<Metainfo>>>();

  const torrentsOf = (generation: Generation): Map<number, Promise<Metainfo>> => {
    const torrents = known.get(generation) ?? new Map<number, Promise<Metainfo>>();
    known.set(generation, torrents);
    return torrents;
  };

  const produce = async (generation: Generation, file: PlacedFile, place: number) => {
    const stored = await deps.store.read(generation, place);
    const metainfo = stored ?? (await make(generation, file, place));
    deps.onReady({ generation, file, metainfo });
    return metainfo;
  };

  const make = async (generation: Generation, file: PlacedFile, place: number) => {
    if (line.isFull) throw busy(file);
    const metainfo = await line.run(() => hashFile(generation, file));
    await deps.store.write(generation, place, metainfo);
    return metainfo;
  };

  const get = (generation: Generation, file: PlacedFile): Promise<Metainfo> => {
    const place = generation.manifest.files.findIndex(({ path }) => path === file.file.path);
    const torrents = torrentsOf(generation);
    const made = torrents.get(place) ?? produce(generation, file, place);
    torrents.set(place, made);
    // What failed may succeed at the next request.
    made.catch(() => torrents.delete(place));
    return made;
  };

  const load = async (generation: Generation): Promise<void> => {
    for (const place of await deps.store.list(generation)) {
      const file = generation.lookup(generation.manifest.files[place]?.path ?? '');
      const metainfo = await deps.store.read(generation, place);
      if (file === undefined || metainfo === undefined) continue;
      torrentsOf(generation).set(place, Promise.resolve(metainfo));
      deps.onReady({ generation, file, metainfo });
    }
  };
  return { get, load };
}

async function hashFile(generation: Generation, { file }: PlacedFile): Promise<Metainfo> {
  const pieceLengthBytes = choosePieceLengthBytes(file.size);
  const hasher = new FileHasher(pieceLengthBytes);
  const range = { startByte: 0, endByte: file.size };
  for await (const chunk of generation.read(file, range)) hasher.update(chunk);
  const { pieceHashes, sha256 } = hasher.digest();
  if (sha256 !== file.sha256) {
    throw new TreeError(
      'changed',
      `expected '${file.path}' of tree '${generation.tree}' as it was added, got other bytes; ` +
        `restore the file, or add the tree again`,
    );
  }
  const name = basename(file.path);
  const files = [{ path: name, sizeBytes: file.size }];
  return createMetainfo({ name, pieceLengthBytes, pieceHashes, files, singleFile: true });
}

function busy({ file }: PlacedFile): FileTorrentError {
  return new FileTorrentError(
    'busy',
    `expected time to make the torrent of '${file.path}', got too many such requests at once; ` +
      `ask again in a few seconds`,
  );
}
