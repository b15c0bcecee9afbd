import { createHash } from 'node:crypto';
import { ScreeError } from '../runtime/errors.ts';
import {
  type BencodeValue,
  type DecodedDictionary,
  type DecodedValue,
  decodeBencode,
  encodeBencode,
  isDictionary,
} from './bencode.ts';
import { isSafeTreePath } from './install-path.ts';

/** Torrents: BEP 3 version 1, private (BEP 27), tracker tiers (BEP 12), web seeds (BEP 19). */
export class MetainfoError extends ScreeError<'malformed'> {}

export type MetainfoFile = { readonly path: string; readonly sizeBytes: number };

export type Metainfo = {
  /** SHA-1 of the bencoded info dictionary, in lower-case hex. */
  readonly infohash: string;
  readonly name: string;
  readonly pieceLengthBytes: number;
  readonly totalSizeBytes: number;
  readonly pieceCount: number;
  /** The SHA-1 hashes of all pieces, 20 bytes each. */
  readonly pieceHashes: Buffer;
  /** In stream order. A single-file torrent has one, whose path is the torrent's name. */
  readonly files: readonly MetainfoFile[];
  readonly singleFile: boolean;
};

export type TorrentSources = {
  /** Announce URLs, each a tier of its own; the first is also `announce`. */
  readonly trackers: readonly string[];
  /** BEP 19 URLs. */
  readonly webSeeds: readonly string[];
};

const minimumPieceLengthBytes = 64 * 1024;
/** A piece is held in memory as a whole. */
const maximumPieceLengthBytes = 256 * 1024 * 1024;
const pieceCountAim = 65_536;

/** 64 KiB, or the next power of two with which a tree has no more than 65,536 pieces. */
export function choosePieceLengthBytes(totalSizeBytes: number): number {
  let length = minimumPieceLengthBytes;
  while (totalSizeBytes / length > pieceCountAim) length *= 2;
  return length;
}

/** The size of one piece; the last may be shorter. */
export function pieceSizeBytes(metainfo: Metainfo, piece: number): number {
  const start = piece * metainfo.pieceLengthBytes;
  return Math.min(metainfo.pieceLengthBytes, metainfo.totalSizeBytes - start);
}

export type InfoInput = {
  readonly name: string;
  readonly pieceLengthBytes: number;
  readonly pieceHashes: Uint8Array;
  readonly files: readonly MetainfoFile[];
  readonly singleFile: boolean;
};

/** The metainfo of a torrent made here. */
export function createMetainfo(input: InfoInput): Metainfo {
  const totalSizeBytes = input.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return {
    ...input,
    pieceHashes: Buffer.from(input.pieceHashes),
    infohash: createHash('sha1')
      .update(encodeBencode(infoDictionary(input)))
      .digest('hex'),
    totalSizeBytes,
    pieceCount: input.pieceHashes.length / 20,
  };
}

/** The bytes of a .torrent file. */
export function encodeTorrent(metainfo: Metainfo, sources: TorrentSources): Buffer {
  const [announce] = sources.trackers;
  return encodeBencode({
    ...(announce === undefined ? {} : { announce }),
    ...(sources.trackers.length > 1 ? { 'announce-list': sources.trackers.map((t) => [t]) } : {}),
    'created by': 'scree',
    info: infoDictionary(metainfo),
    ...(sources.webSeeds.length > 0 ? { 'url-list': sources.webSeeds } : {}),
  });
}

/** Reads a .torrent file. Throws MetainfoError for anything that is not a version 1 torrent. */
export function decodeTorrent(bytes: Uint8Array): {
  readonly metainfo: Metainfo;
  readonly sources: TorrentSources;
} {
  const root = decodeRoot(bytes);
  const info = dictionaryAt(root, 'info');
  const name = textAt(info, 'name');
  const singleFile = info.files === undefined;
  const files = singleFile ? [{ path: name, sizeBytes: sizeAt(info, 'length') }] : filesAt(info);
  const pieceHashes = bytesAt(info, 'pieces');
  const pieceLengthBytes = pieceLengthAt(info);
  const metainfo = createMetainfo({ name, pieceLengthBytes, pieceHashes, files, singleFile });
  const expectedCount = Math.ceil(metainfo.totalSizeBytes / pieceLengthBytes);
  if (metainfo.pieceCount !== expectedCount) {
    throw malformed(`${expectedCount} piece hashes`, `${pieceHashes.length} bytes of them`);
  }
  if (!isSafeTreePath(name) || name.includes('/')) throw malformed('a plain name', `'${name}'`);
  // Our own dictionaries only: an info with further keys has another infohash.
  const infohash = createHash('sha1').update(encodeBencode(info)).digest('hex');
  return { metainfo: { ...metainfo, infohash }, sources: sourcesOf(root) };
}

function infoDictionary(input: InfoInput): BencodeValue {
  const common = {
    name: input.name,
    'piece length': input.pieceLengthBytes,
    pieces: input.pieceHashes,
    private: 1,
  };
  const [only] = input.files;
  if (input.singleFile) return { length: only?.sizeBytes ?? 0, ...common };
  const files = input.files.map((file) => ({
    length: file.sizeBytes,
    path: file.path.split('/'),
  }));
  return { files, ...common };
}

function decodeRoot(bytes: Uint8Array): DecodedDictionary {
  try {
    const root = decodeBencode(bytes);
    if (isDictionary(root)) return root;
  } catch (cause) {
    throw new MetainfoError('malformed', 'expected a torrent, got something not bencoded', {
      cause,
    });
  }
  throw malformed('a dictionary', 'something else');
}

function sourcesOf(root: DecodedDictionary): TorrentSources {
  const announce = root.announce instanceof Uint8Array ? [text(root.announce)] : [];
  const tiers = flatten(root['announce-list']);
  const webSeeds = flatten(root['url-list']);
  return { trackers: tiers.length > 0 ? tiers : announce, webSeeds };
}

function flatten(value: DecodedValue | undefined): string[] {
  if (value instanceof Uint8Array) return [text(value)];
  return Array.isArray(value) ? value.flatMap(flatten) : [];
}

function filesAt(info: DecodedDictionary): MetainfoFile[] {
  const list = info.files;
  if (!Array.isArray(list)) throw malformed("a list 'files'", typeof list);
  return list.map((entry) => {
    if (!isDictionary(entry)) throw malformed('a file entry', 'something else');
    const path = flatten(entry.path).join('/');
    if (!isSafeTreePath(path)) throw malformed('a path inside the tree', `'${path}'`);
    return { path, sizeBytes: sizeAt(entry, 'length') };
  });
}

function dictionaryAt(from: DecodedDictionary, key: string): DecodedDictionary {
  const value = from[key];
  if (!isDictionary(value)) throw malformed(`a dictionary '${key}'`, typeof value);
  return value;
}

function bytesAt(from: DecodedDictionary, key: string): Uint8Array {
  const value = from[key];
  if (!(value instanceof Uint8Array)) throw malformed(`a string '${key}'`, typeof value);
  return value;
}

function textAt(from: DecodedDictionary, key: string): string {
  return text(bytesAt(from, key));
}

function sizeAt(from: DecodedDictionary, key: string): number {
  const value = from[key];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed(`a size '${key}'`, String(value));
}

function pieceLengthAt(info: DecodedDictionary): number {
  const length = sizeAt(info, 'piece length');
  if (length > 0 && length <= maximumPieceLengthBytes) return length;
  throw malformed(`pieces of 1 to ${maximumPieceLengthBytes} bytes`, String(length));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}

function malformed(expected: string, got: string): MetainfoError {
  return new MetainfoError('malformed', `expected ${expected} in the torrent, got ${got}`);
}
