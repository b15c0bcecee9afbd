import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type Manifest, type ManifestLink, signManifest } from '../../src/protocol/manifest.ts';
import { createMetainfo, encodeTorrent, type Metainfo } from '../../src/protocol/metainfo.ts';

export type SmallTree = {
  readonly name: string;
  readonly generation: number;
  /** In stream order. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** All files behind each other. */
  readonly stream: Buffer;
  readonly manifest: Manifest;
  readonly manifestText: string;
  readonly metainfo: Metainfo;
  readonly torrent: Buffer;
};

export type KeyPair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

export function makeKeys(): KeyPair {
  return generateKeyPairSync('ed25519');
}

export function pemOf({ publicKey }: KeyPair): string {
  return publicKey.export({ type: 'spki', format: 'pem' }).toString();
}

/** Bytes that look random and are the same in every run. */
export function bytesOf(seed: string, sizeBytes: number): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at * 64 < sizeBytes; at += 1) {
    blocks.push(createHash('sha512').update(`${seed}/${at}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, sizeBytes);
}

/** What tells bytes apart, short enough to be compared and shown. */
export function digestOf(bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return 'nothing';
  return `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A whole tree in memory: files, signed manifest, torrent. */
export function makeSmallTree(options: {
  readonly keys: KeyPair;
  readonly files: Readonly<Record<string, Buffer | string>>;
  readonly name?: string;
  readonly generation?: number;
  readonly links?: readonly ManifestLink[];
  readonly pieceLengthBytes?: number;
  /** What the manifest says, if it is not the torrent's. */
  readonly infohash?: string;
}): SmallTree {
  const { name = 'lab', generation = 1, links = [], pieceLengthBytes = 16 * 1024 } = options;
  const entries = Object.entries(options.files);
  const files = new Map(entries.map(([path, content]) => [path, Buffer.from(content)]));
  const stream = Buffer.concat([...files.values()]);
  const metainfo = createMetainfo({
    name,
    pieceLengthBytes,
    pieceHashes: hashPieces(stream, pieceLengthBytes),
    files: [...files].map(([path, content]) => ({ path, sizeBytes: content.length })),
    singleFile: false,
  });
  const manifest: Manifest = {
    format: 1,
    tree: name,
    generation,
    createdAt: '2024-01-02T03:04:05.000Z',
    infohash: options.infohash ?? metainfo.infohash,
    pieceLength: pieceLengthBytes,
    totalSize: stream.length,
    files: [...files].map(([path, content], at) => ({
      path,
      size: content.length,
      mtimeMs: 1_700_000_000_000 + at * 1000,
      sha256: createHash('sha256').update(content).digest('hex'),
    })),
    links: [...links],
  };
  const manifestText = signManifest(manifest, options.keys.privateKey);
  const torrent = encodeTorrent(metainfo, { trackers: [], webSeeds: [] });
  return { name, generation, files, stream, manifest, manifestText, metainfo, torrent };
}

function hashPieces(stream: Buffer, pieceLengthBytes: number): Buffer {
  const hashes: Buffer[] = [];
  for (let at = 0; at < stream.length; at += pieceLengthBytes) {
    const piece = stream.subarray(at, at + pieceLengthBytes);
    hashes.push(createHash('sha1').update(piece).digest());
  }
  return Buffer.concat(hashes);
}
