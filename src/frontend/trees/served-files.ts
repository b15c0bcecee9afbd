import type { Manifest } from '../../protocol/manifest.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { appendAdoption } from './adoptions.ts';
import type { Descriptors } from './descriptors.ts';
import { locationOf, type StoredGeneration } from './generation-folder.ts';
import { ServedFile, type ServedFileDeps } from './served-file.ts';

/** The files of a generation by their place in the manifest. */
export type ServedFiles = {
  readonly at: (place: number) => ServedFile | undefined;
  readonly refusedPaths: () => string[];
  /** Lets go of its open files. */
  readonly release: () => void;
};

export type ServedFilesContext = {
  readonly descriptors: Descriptors;
  readonly log: Log;
  /** The generation's folder. */
  readonly folder: string;
  /** The tree's `kept` folder. */
  readonly kept: string;
};

/** Of the many files of a tree only those that were asked for take memory. */
export function createServedFiles(
  { manifest, records }: Pick<StoredGeneration, 'manifest' | 'records'>,
  context: ServedFilesContext,
): ServedFiles {
  const deps = depsOf(manifest, context);
  const served = new Map<number, ServedFile>();
  const serve = (place: number): ServedFile | undefined => {
    const file = manifest.files[place];
    const record = records.files[place];
    if (file === undefined || record === undefined) return undefined;
    const made = new ServedFile(file, locationOf(record, context.kept), deps);
    served.set(place, made);
    return made;
  };
  return {
    at: (place) => served.get(place) ?? serve(place),
    refusedPaths: () =>
      manifest.files.flatMap(({ path }, at) => (served.get(at)?.isRefused ? [path] : [])),
    release: () => {
      for (const file of served.values()) file.release();
    },
  };
}

function depsOf(manifest: Manifest, context: ServedFilesContext): ServedFileDeps {
  const { descriptors, folder } = context;
  const log = context.log.with({ tree: manifest.tree, generation: manifest.generation });
  return {
    descriptors,
    onRefused: ({ path }, reason) => log.warn('tree file is not what was hashed', { path, reason }),
    onAdopted: (file, identity) => {
      const { path } = file;
      log.debug('tree file has the same content', { path });
      appendAdoption(folder, { at: manifest.files.indexOf(file), identity }).catch(
        (error: unknown) => log.debug('adoption not stored', { path, reason: messageOf(error) }),
      );
    },
  };
}
