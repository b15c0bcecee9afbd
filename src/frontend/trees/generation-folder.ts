import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { type Manifest, parseManifest } from '../../protocol/manifest.ts';
import { decodeTorrent, encodeTorrent, type Metainfo } from '../../protocol/metainfo.ts';
import { messageOf } from '../../runtime/errors.ts';
import { writeFileAtomic } from '../../runtime/files.ts';
import { forgetAdoptions, readAdoptions } from './adoptions.ts';
import { TreeError } from './errors.ts';
import { type FileIdentity, identitySchema } from './identity.ts';
import type { KnownLocation } from './location.ts';

const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const recordSchema = v.object({
  /** Where the bytes are read: a path below the tree's `kept`, or an absolute path. */
  place: v.union([v.object({ kept: v.string() }), v.object({ path: v.string() })]),
  extents: v.optional(v.array(v.object({ offsetBytes: bytes, sizeBytes: bytes }))),
  /** Of what lies at `place`. */
  identity: identitySchema,
  /** Of the file in the source, where that is another one. */
  seen: v.optional(identitySchema),
});

const recordsSchema = v.object({
  format: v.literal(1),
  source: v.object({ kind: v.picklist(['folder', 'image']), path: v.string() }),
  keep: v.picklist(['link', 'copy', 'none']),
  /** In the order of the manifest. */
  files: v.array(recordSchema),
});

export type FileRecord = Readonly<v.InferOutput<typeof recordSchema>>;
/** What only this machine needs to know of a generation; files.json. */
export type GenerationRecords = Readonly<
  Omit<v.InferOutput<typeof recordsSchema>, 'files'> & { readonly files: readonly FileRecord[] }
>;
export type KeepMode = GenerationRecords['keep'];

export type StoredGeneration = {
  readonly manifest: Manifest;
  readonly manifestText: string;
  readonly metainfo: Metainfo;
  readonly records: GenerationRecords;
};

/**
 * Reads a generation. With a key the manifest's signature is checked. Throws TreeError `broken`
 * when its files do not fit together.
 */
export async function readGenerationFolder(
  folder: string,
  publicKey: KeyObject | undefined,
): Promise<StoredGeneration> {
  try {
    const manifestText = await readFile(join(folder, 'manifest.json'), 'utf8');
    const manifest = parseManifest(manifestText, publicKey);
    const { metainfo } = decodeTorrent(await readFile(join(folder, 'tree.torrent')));
    const recordsText = await readFile(join(folder, 'files.json'), 'utf8');
    const asHashed = v.parse(recordsSchema, JSON.parse(recordsText));
    const records = withAdoptions(asHashed, await readAdoptions(folder));
    expectToFit({ manifest, manifestText, metainfo, records });
    return { manifest, manifestText, metainfo, records };
  } catch (cause) {
    const message =
      `expected a whole generation in '${folder}', got: ${messageOf(cause)}; ` +
      'remove it and add the tree again';
    throw new TreeError('broken', message, { cause });
  }
}

/** Writes the three files; the folder is renamed into place by the caller. */
export async function writeGenerationFolder(
  folder: string,
  generation: Omit<StoredGeneration, 'manifest'>,
): Promise<void> {
  await writeFileAtomic(join(folder, 'manifest.json'), generation.manifestText);
  await writeFileAtomic(join(folder, 'tree.torrent'), torrentOf(generation));
  await writeRecords(folder, generation.records);
}

export async function writeRecords(folder: string, records: GenerationRecords): Promise<void> {
  await forgetAdoptions(folder);
  await writeFileAtomic(join(folder, 'files.json'), JSON.stringify(records));
}

/** What the three files need on a disk. */
export function generationSizeBytes(generation: Omit<StoredGeneration, 'manifest'>): number {
  const { manifestText, records } = generation;
  const texts = Buffer.byteLength(manifestText) + Buffer.byteLength(JSON.stringify(records));
  return texts + torrentOf(generation).length;
}

function torrentOf({ metainfo }: Pick<StoredGeneration, 'metainfo'>): Uint8Array {
  return encodeTorrent(metainfo, { trackers: [], webSeeds: [] });
}

/** Where a file's bytes are read. */
export function locationOf(record: FileRecord, keptFolder: string): KnownLocation {
  const { place, identity, extents } = record;
  const path = 'kept' in place ? join(keptFolder, place.kept) : place.path;
  return { path, identity, ...(extents === undefined ? {} : { extents }) };
}

function withAdoptions(
  records: GenerationRecords,
  adoptions: ReadonlyMap<number, FileIdentity>,
): GenerationRecords {
  const files = records.files.map((record, at) => {
    const identity = adoptions.get(at);
    return identity === undefined ? record : { ...record, identity };
  });
  return { ...records, files };
}

function expectToFit({ manifest, metainfo, records }: StoredGeneration): void {
  if (manifest.infohash !== metainfo.infohash) throw new Error('a torrent of another manifest');
  const count = manifest.files.length;
  if (records.files.length !== count) throw new Error('a files.json of another manifest');
  if (metainfo.files.length !== count) throw new Error('a torrent of another length');
  for (const [at, { path, size }] of manifest.files.entries()) {
    const inTorrent = metainfo.files[at];
    if (inTorrent?.path !== path || inTorrent.sizeBytes !== size) {
      throw new Error(`a torrent in which '${path}' is another file`);
    }
  }
}
