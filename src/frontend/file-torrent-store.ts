import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeTorrent, encodeTorrent, type Metainfo } from '../protocol/metainfo.ts';
import { hasErrorCode, messageOf } from '../runtime/errors.ts';
import { writeFileAtomic } from '../runtime/files.ts';
import type { Log } from '../runtime/log.ts';
import { generationFolder, namesIn } from './trees/tree-folders.ts';
import type { Generation } from './trees/types.ts';

/** Where torrents of single files are kept, by the file's place in the manifest. */
export type FileTorrentStore = {
  /** Places in the manifest of the files whose torrents are there. */
  readonly list: (generation: Generation) => Promise<readonly number[]>;
  /** Undefined for what is not there, or is not the torrent of this file. */
  readonly read: (generation: Generation, place: number) => Promise<Metainfo | undefined>;
  /** A torrent that could not be kept is made again after a restart; that is no failure. */
  readonly write: (generation: Generation, place: number, metainfo: Metainfo) => Promise<void>;
};

/** Keeps them as `file-torrents/<place>.torrent` in the generation's folder. */
export function createFileTorrentStore(
  { log }: { readonly log: Log },
  { state }: { readonly state: string },
): FileTorrentStore {
  const folderOf = ({ tree, generation }: Generation) =>
    join(generationFolder(state, tree, generation), 'file-torrents');
  const pathOf = (generation: Generation, place: number) =>
    join(folderOf(generation), `${place}.torrent`);
  return {
    list: async (generation) => {
      try {
        return placesIn(await namesIn(folderOf(generation)));
      } catch (error) {
        log.warn('torrents of files not found again', {
          tree: generation.tree,
          reason: messageOf(error),
        });
        return [];
      }
    },
    read: async (generation, place) => {
      const metainfo = await readTorrent(pathOf(generation, place));
      const size = generation.manifest.files[place]?.size;
      return metainfo?.singleFile && metainfo.totalSizeBytes === size ? metainfo : undefined;
    },
    write: async (generation, place, metainfo) => {
      try {
        // Not recursive: a generation that was removed meanwhile must not come back as a husk.
        await mkdir(folderOf(generation)).catch(unlessThere);
        const bytes = encodeTorrent(metainfo, { trackers: [], webSeeds: [] });
        await writeFileAtomic(pathOf(generation, place), bytes);
      } catch (error) {
        log.warn('torrent not kept', { tree: generation.tree, reason: messageOf(error) });
      }
    },
  };
}

function placesIn(names: readonly string[]): number[] {
  return names.flatMap((name) => {
    const place = /^(\d{1,9})\.torrent$/.exec(name)?.[1];
    return place === undefined ? [] : [Number(place)];
  });
}

async function readTorrent(path: string): Promise<Metainfo | undefined> {
  try {
    return decodeTorrent(await readFile(path)).metainfo;
  } catch {
    return undefined;
  }
}

function unlessThere(error: unknown): void {
  if (!hasErrorCode(error, 'EEXIST')) throw error;
}
