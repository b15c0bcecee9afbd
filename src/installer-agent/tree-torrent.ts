import { createHash } from 'node:crypto';
import { type DecodedValue, decodeBencode } from '../protocol/bencode.ts';
import type { Manifest, ManifestFile } from '../protocol/manifest.ts';
import type { Metainfo } from '../protocol/metainfo.ts';
import { messageOf } from '../runtime/errors.ts';
import { findDictionarySpans, type Span } from './bencode-spans.ts';
import { AgentError } from './errors.ts';

export type TreeTorrent = {
  readonly metainfo: Metainfo;
  /** Announce URLs by HTTP. */
  readonly trackers: readonly string[];
};

/**
 * Reads the torrent of a tree whose manifest was verified. The files are the manifest's; that the
 * torrent has the same, in the same order, and which piece hashes are right, is proved by the
 * infohash, which is computed from them anew. Throws AgentError `unverified`.
 */
export function readTreeTorrent(bytes: Buffer, manifest: Manifest): TreeTorrent {
  const root = findDictionarySpans(bytes, 0);
  const infoSpan = root.get('info') ?? fail('an info dictionary', 'none');
  const info = findDictionarySpans(bytes, infoSpan.start);
  const name = textAt(bytes, info.get('name'));
  const pieceHashes = Buffer.from(stringAt(bytes, info.get('pieces')));
  const { pieceLength, totalSize } = manifest;
  const pieceCount = pieceHashes.length / 20;
  const infohash = hashInfo({ name, pieceHashes, manifest });
  if (infohash !== manifest.infohash) explainMismatch(manifest, bytes, infoSpan);
  const sizeBytes = manifest.files.reduce((sum, { size }) => sum + size, 0);
  if (sizeBytes !== totalSize) fail(`files of ${totalSize} bytes`, `${sizeBytes} bytes`);
  if (pieceCount !== Math.ceil(totalSize / pieceLength)) fail('a hash per piece', `${pieceCount}`);
  return {
    metainfo: {
      infohash,
      name,
      pieceLengthBytes: pieceLength,
      totalSizeBytes: totalSize,
      pieceCount,
      pieceHashes,
      files: manifest.files.map(({ path, size }) => ({ path, sizeBytes: size })),
      singleFile: false,
    },
    trackers: trackersOf(bytes, root).filter((url) => /^http:/i.test(url)),
  };
}

type InfoParts = {
  readonly name: string;
  readonly pieceHashes: Buffer;
  readonly manifest: Manifest;
};

/** SHA-1 of the info dictionary that `createMetainfo` makes of these, hashed as it is written. */
function hashInfo({ name, pieceHashes, manifest }: InfoParts): string {
  const hash = createHash('sha1').update('d5:filesl');
  for (let at = 0; at < manifest.files.length; at += filesAtOnce) {
    hash.update(
      manifest.files
        .slice(at, at + filesAtOnce)
        .map(encodeFile)
        .join(''),
    );
  }
  return hash
    .update(`e4:name${encodeText(name)}12:piece lengthi${manifest.pieceLength}e`)
    .update(`6:pieces${pieceHashes.length}:`)
    .update(pieceHashes)
    .update('7:privatei1ee')
    .digest('hex');
}

const filesAtOnce = 512;

function encodeFile({ path, size }: ManifestFile): string {
  return `d6:lengthi${size}e4:pathl${path.split('/').map(encodeText).join('')}ee`;
}

function encodeText(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`;
}

function explainMismatch(manifest: Manifest, bytes: Buffer, { start, end }: Span): never {
  const infohash = createHash('sha1').update(bytes.subarray(start, end)).digest('hex');
  if (infohash !== manifest.infohash)
    fail(`a torrent with infohash ${manifest.infohash}`, infohash);
  return fail('the files of the manifest in the torrent', 'others');
}

function trackersOf(bytes: Buffer, root: ReadonlyMap<string, Span>): readonly string[] {
  const tiers = textsIn(valueAt(bytes, root.get('announce-list')));
  return tiers.length > 0 ? tiers : textsIn(valueAt(bytes, root.get('announce')));
}

function textsIn(value: DecodedValue | undefined): readonly string[] {
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('utf8')];
  return Array.isArray(value) ? value.flatMap(textsIn) : [];
}

function textAt(bytes: Buffer, span: Span | undefined): string {
  return Buffer.from(stringAt(bytes, span)).toString('utf8');
}

function stringAt(bytes: Buffer, span: Span | undefined): Uint8Array {
  const value = valueAt(bytes, span);
  return value instanceof Uint8Array ? value : fail('a string', typeof value);
}

function valueAt(bytes: Buffer, span: Span | undefined): DecodedValue | undefined {
  if (span === undefined) return undefined;
  try {
    return decodeBencode(bytes.subarray(span.start, span.end));
  } catch (cause) {
    throw new AgentError('unverified', messageOf(cause), { cause });
  }
}

function fail(expected: string, got: string): never {
  throw new AgentError('unverified', `expected ${expected} for the tree, got ${got}`);
}
