import { isUtf8 } from 'node:buffer';
import { type DirectoryRecord, parseRecord, sectorBytes } from './directory-record.ts';
import { malformed } from './errors.ts';
import { type RockRidge, readRockRidge } from './rock-ridge.ts';
import { parseSuspSkip, parseSystemUse, type SystemUseEntry } from './system-use.ts';
import { type ReadImage, readVolumes, type Volume } from './volume.ts';

/** A directory record as a file, a folder or a link with a name for today's systems. */
export type NamedRecord = {
  readonly name: string;
  /** Why it cannot be part of a tree. */
  readonly refusal: string | undefined;
} & (
  | { readonly kind: 'file'; readonly mtimeMs: number }
  | ({ readonly kind: 'folder' } & FolderPlace)
  | { readonly kind: 'link'; readonly target: string }
);

export type FolderPlace = { readonly block: number; readonly sizeBytes: number };

export type RecordReader = {
  readonly blockBytes: number;
  readonly root: FolderPlace;
  /** Undefined for what is not shown: `.` and `..`, and what is shown elsewhere. */
  readonly read: (record: DirectoryRecord) => Promise<NamedRecord | undefined>;
};

type Context = { readonly readImage: ReadImage; readonly blockBytes: number };

const maximumContinuations = 32;
const modeTypes = { mask: 0o170000, file: 0o100000, folder: 0o040000, link: 0o120000 } as const;

/** Decides which names count in this image: Rock Ridge's, Joliet's or its own. */
export async function createRecordReader(readImage: ReadImage): Promise<RecordReader> {
  const { primary, joliet } = await readVolumes(readImage);
  const context = { readImage, blockBytes: primary.blockBytes };
  const skip = await findSuspSkip(primary, context);
  if (skip !== undefined) {
    return readerOf(primary, (record) => readWithRockRidge(record, skip, context));
  }
  if (joliet !== undefined) {
    return readerOf(joliet, async (record) => namedPlainly(record, jolietName(record.name)));
  }
  return readerOf(primary, async (record) => namedPlainly(record, plainName(record.name)));
}

function readerOf(volume: Volume, read: RecordReader['read']): RecordReader {
  const { blockBytes, root } = volume;
  return {
    blockBytes,
    root: { block: root.block, sizeBytes: root.sizeBytes },
    read: async (record) => (isDots(record) || record.isAssociated ? undefined : read(record)),
  };
}

async function findSuspSkip(volume: Volume, context: Context): Promise<number | undefined> {
  const dot = await readDot(volume.root.block, context);
  return parseSuspSkip(dot.systemUse);
}

/** The first record of a folder, which stands for the folder itself. */
async function readDot(block: number, { readImage, blockBytes }: Context) {
  const dot = parseRecord(await readImage(block * blockBytes, sectorBytes));
  if (dot?.isFolder !== true) throw malformed(`a folder at block ${block}`, 'something else');
  return dot;
}

/** `.` and `..` are called 0 and 1. */
function isDots(record: DirectoryRecord): boolean {
  return record.name.length === 1 && (record.name[0] ?? 2) < 2;
}

async function readWithRockRidge(
  record: DirectoryRecord,
  skip: number,
  context: Context,
): Promise<NamedRecord | undefined> {
  const rockRidge = readRockRidge(await readEntries(record.systemUse.subarray(skip), context));
  if (rockRidge.isRelocated) return undefined;
  const name = rockRidge.name ?? Buffer.from(plainName(record.name));
  const refusal = refuseName(name) ?? refuseKind(record, rockRidge);
  const common = { name: name.toString(), refusal };
  const { linkTarget, relocatedTo } = rockRidge;
  if (linkTarget !== undefined) {
    const target = linkTarget.toString();
    return { ...common, kind: 'link', target, refusal: refusal ?? refuseTarget(linkTarget) };
  }
  if (relocatedTo !== undefined) {
    const { sizeBytes } = await readDot(relocatedTo, context);
    return { ...common, kind: 'folder', block: relocatedTo, sizeBytes };
  }
  if (record.isFolder) return { ...common, ...folderOf(record) };
  return { ...common, kind: 'file', mtimeMs: rockRidge.mtimeMs ?? record.mtimeMs };
}

async function readEntries(area: Buffer, context: Context): Promise<readonly SystemUseEntry[]> {
  const entries: SystemUseEntry[] = [];
  let { entries: found, continuation } = parseSystemUse(area);
  for (let count = 0; ; count += 1) {
    entries.push(...found);
    if (continuation === undefined) return entries;
    const { block, offsetBytes, sizeBytes } = continuation;
    if (count === maximumContinuations || offsetBytes + sizeBytes > 2 * sectorBytes) {
      throw malformed('a few short continuations of a record', 'too many, or a long one');
    }
    const next = await context.readImage(block * context.blockBytes + offsetBytes, sizeBytes);
    ({ entries: found, continuation } = parseSystemUse(next));
  }
}

function refuseKind(record: DirectoryRecord, rockRidge: RockRidge): string | undefined {
  const type = (rockRidge.mode ?? modeTypes.file) & modeTypes.mask;
  const isPlain = type === modeTypes.file || type === modeTypes.folder || type === modeTypes.link;
  if (!isPlain) return 'neither a file nor a folder nor a link';
  if (rockRidge.isEncoded) return 'it is stored compressed or with holes';
  return refuseLayout(record);
}

function namedPlainly(record: DirectoryRecord, text: string): NamedRecord {
  const name = Buffer.from(text);
  const common = { name: text, refusal: refuseName(name) ?? refuseLayout(record) };
  if (record.isFolder) return { ...common, ...folderOf(record) };
  return { ...common, kind: 'file', mtimeMs: record.mtimeMs };
}

function folderOf(record: DirectoryRecord) {
  return { kind: 'folder', block: record.block, sizeBytes: record.sizeBytes } as const;
}

function refuseLayout(record: DirectoryRecord): string | undefined {
  return record.isInterleaved ? 'its parts are interleaved' : undefined;
}

function refuseName(name: Buffer): string | undefined {
  if (!isUtf8(name)) return 'no UTF-8 name';
  const text = name.toString();
  const isUnsafe = ['', '.', '..'].includes(text) || /[/\0]/.test(text);
  return isUnsafe ? 'a name that could lead elsewhere' : undefined;
}

function refuseTarget(target: Buffer): string | undefined {
  return isUtf8(target) ? undefined : 'symbolic link to a name that is not UTF-8';
}

/** As Linux shows them: lower case, without a version and a trailing dot. */
function plainName(name: Buffer): string {
  return withoutVersion(name.toString('latin1')).replace(/\.$/, '').toLowerCase();
}

function jolietName(name: Buffer): string {
  const even = Buffer.from(name.subarray(0, name.length - (name.length % 2)));
  return withoutVersion(even.swap16().toString('utf16le')).toWellFormed();
}

function withoutVersion(name: string): string {
  return name.replace(/;\d+$/, '');
}
