import { type DirectoryRecord, parseDirectory } from './directory-record.ts';
import { malformed } from './errors.ts';
import { createRecordReader, type RecordReader } from './named-record.ts';
import type { ReadImage } from './volume.ts';

export type ImageExtent = { readonly offsetBytes: number; readonly sizeBytes: number };

/** What an image holds. Paths have no leading slash. */
export type ImageEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Milliseconds since 1970. */
      readonly mtimeMs: number;
      readonly extents: readonly ImageExtent[];
    }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'left-out'; readonly path: string; readonly reason: string };

export type ImageSource = { readonly read: ReadImage; readonly sizeBytes: number };

type Folder = { readonly path: string; readonly block: number; readonly sizeBytes: number };

// Bounds for images made to do harm; a million files take about 250 MB of names in this count.
const maximumNameBytes = 256 * 1024 * 1024;
const entryBytes = 64;
const maximumPathBytes = 4096;

/**
 * All that an ISO 9660 image (ECMA-119) holds, with the names of its Rock Ridge (IEEE P1282)
 * records if it has them, else Joliet's, else its own in lower case. Throws IsoError.
 */
export async function* readImage(image: ImageSource): AsyncGenerator<ImageEntry> {
  const reader = await createRecordReader(image.read);
  const pending: Folder[] = [{ path: '', ...reader.root }];
  const seen = new Set<number>();
  let nameBytes = 0;
  const count = (bytes: number) => {
    nameBytes += bytes;
    if (nameBytes > maximumNameBytes) throw malformed('at most 256 MiB of names', 'more');
  };
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (seen.has(folder.block)) throw malformed('each folder once', `'${folder.path}' again`);
    seen.add(folder.block);
    count(folder.sizeBytes);
    for await (const { entry, inside } of readFolder(folder, { image, reader })) {
      count(entryBytes + entry.path.length);
      yield entry;
      if (inside !== undefined) pending.push(inside);
    }
  }
}

type Context = { readonly image: ImageSource; readonly reader: RecordReader };
type Found = { readonly entry: ImageEntry; readonly inside?: Folder };

async function* readFolder(folder: Folder, context: Context): AsyncGenerator<Found> {
  const { image, reader } = context;
  const start = folder.block * reader.blockBytes;
  if (start + folder.sizeBytes > image.sizeBytes) throw cutShort(folder.path, image);
  const data = await image.read(start, folder.sizeBytes);
  let extents: ImageExtent[] = [];
  for (const record of parseDirectory(data)) {
    const named = await reader.read(record);
    if (named === undefined) continue;
    const path = folder.path === '' ? named.name : `${folder.path}/${named.name}`;
    const refusal = named.refusal ?? refusePath(path);
    if (refusal !== undefined) {
      yield { entry: { kind: 'left-out', path, reason: refusal } };
    } else if (named.kind === 'folder') {
      const { block, sizeBytes } = named;
      yield { entry: { kind: 'folder', path }, inside: { path, block, sizeBytes } };
    } else if (named.kind === 'link') {
      yield { entry: { kind: 'link', path, target: named.target } };
    } else {
      extents.push(...extentOf(record, path, context));
      if (record.continues) continue;
      yield { entry: { kind: 'file', path, mtimeMs: named.mtimeMs, extents } };
    }
    extents = [];
  }
}

function refusePath(path: string): string | undefined {
  return Buffer.byteLength(path) > maximumPathBytes ? 'its path is too long' : undefined;
}

function extentOf(record: DirectoryRecord, path: string, context: Context): ImageExtent[] {
  const offsetBytes = record.block * context.reader.blockBytes;
  const { sizeBytes } = record;
  if (sizeBytes === 0) return [];
  if (offsetBytes + sizeBytes > context.image.sizeBytes) throw cutShort(path, context.image);
  return [{ offsetBytes, sizeBytes }];
}

function cutShort(path: string, image: ImageSource) {
  return malformed(`the bytes of '/${path}'`, `an image of only ${image.sizeBytes} bytes`);
}
