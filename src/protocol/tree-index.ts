import type { Manifest, ManifestFile } from './manifest.ts';
import { createStreamLayout } from './stream-layout.ts';

export type PlacedFile = {
  readonly file: ManifestFile;
  /** Where the file's first byte lies in the torrent's stream. */
  readonly offsetBytes: number;
};

/** A part of one file: bytes `[startByte, endByte)` of the file itself. */
export type FileSpan = {
  readonly file: ManifestFile;
  readonly startByte: number;
  readonly endByte: number;
};

export type TreeIndex = {
  /**
   * The file that a tree path names, through links to files and folders. Undefined for what is
   * not there, for a folder, and for links that lead in a circle or out of the tree.
   */
  readonly lookup: (path: string) => PlacedFile | undefined;
  /** The files under `[offsetBytes, offsetBytes + lengthBytes)` of the stream, cut at its end. */
  readonly spans: (offsetBytes: number, lengthBytes: number) => readonly FileSpan[];
};

// As many as Linux follows before it answers ELOOP.
const maximumHops = 40;

/** Finds the files of a manifest by path and by place in the stream. */
export function createTreeIndex(manifest: Pick<Manifest, 'files' | 'links'>): TreeIndex {
  const layout = createStreamLayout(manifest.files.map((file) => file.size));
  const filesByPath = new Map<string, PlacedFile>();
  for (const [at, file] of manifest.files.entries()) {
    filesByPath.set(file.path, { file, offsetBytes: layout.offsetOf(at) });
  }
  const targets = new Map(manifest.links.map((link) => [link.path, link.target]));
  return {
    lookup: (path) => filesByPath.get(path) ?? lookupThroughLinks(path, filesByPath, targets),
    spans: (offsetBytes, lengthBytes) =>
      layout.spans(offsetBytes, offsetBytes + lengthBytes).flatMap(({ at, startByte, endByte }) => {
        const file = manifest.files[at];
        return file === undefined ? [] : [{ file, startByte, endByte }];
      }),
  };
}

function lookupThroughLinks(
  path: string,
  files: ReadonlyMap<string, PlacedFile>,
  targets: ReadonlyMap<string, string>,
): PlacedFile | undefined {
  let current: string | undefined = path;
  for (let hop = 0; hop <= maximumHops && current !== undefined; hop += 1) {
    const file = files.get(current);
    if (file !== undefined) return file;
    current = followFirstLink(current, targets);
  }
  return undefined;
}

function followFirstLink(path: string, targets: ReadonlyMap<string, string>): string | undefined {
  let end = path.indexOf('/');
  while (end !== -1) {
    const target = targets.get(path.slice(0, end));
    if (target !== undefined) return target === '' ? path.slice(end + 1) : target + path.slice(end);
    end = path.indexOf('/', end + 1);
  }
  return targets.get(path);
}
