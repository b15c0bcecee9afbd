import type { Manifest, ManifestFile } from '../../protocol/manifest.ts';
import type { Metainfo } from '../../protocol/metainfo.ts';
import type { PlacedFile } from '../../protocol/tree-index.ts';
import type { PieceSource } from '../../swarm/types.ts';

/** One generation of a package tree, open for serving. */
export type Generation = {
  readonly tree: string;
  readonly generation: number;
  readonly manifest: Manifest;
  /** The signed manifest.json, as it lies on disk. */
  readonly manifestText: string;
  /** Its name is `<tree>@<generation>`, so that BEP 19 clients given `/install/` find its files. */
  readonly metainfo: Metainfo;
  /** The file that a tree path names, through links; undefined for folders and what is not there. */
  readonly lookup: (path: string) => PlacedFile | undefined;
  /** For the swarm. Rejects with TreeError when a file is not what was hashed. */
  readonly pieces: PieceSource;
  /** Resolves when the file can be read and is what was hashed; rejects with TreeError. */
  readonly check: (file: ManifestFile) => Promise<void>;
  /**
   * Bytes `[startByte, endByte)` of a file, each part checked before it is handed on. Ends with
   * TreeError when the file is not what was hashed.
   */
  readonly read: (
    file: ManifestFile,
    range: { readonly startByte: number; readonly endByte: number },
  ) => AsyncIterable<Buffer>;
  /** Tree paths of files that were found changed, unreadable or gone, and are so still. */
  readonly changedFiles: () => readonly string[];
};

/** A generation that cannot be served, and why. */
export type BrokenGeneration = {
  readonly tree: string;
  readonly generation: number;
  readonly reason: string;
};

export type CatalogChange = {
  readonly added: readonly Generation[];
  readonly removed: readonly Generation[];
};

/** All trees of a state folder, as createTreeCatalog makes it; empty until the first reload. */
export type TreeCatalog = {
  /** Takes in what other processes have added or removed. Never rejects for a broken tree. */
  readonly reload: () => Promise<CatalogChange>;
  /** Ordered by tree, then generation. */
  readonly all: () => readonly Generation[];
  /** The newest generation of each tree, ordered by tree. */
  readonly newestOfEach: () => readonly Generation[];
  readonly newest: (tree: string) => Generation | undefined;
  readonly get: (tree: string, generation: number) => Generation | undefined;
  readonly byInfohash: (infohash: string) => Generation | undefined;
  readonly broken: () => readonly BrokenGeneration[];
  /** Called after each reload that changed something. Returns what ends it. */
  readonly onChange: (listener: (change: CatalogChange) => void) => () => void;
  readonly close: () => Promise<void>;
};
