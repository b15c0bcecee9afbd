import type { StoredGeneration } from './generation-folder.ts';
import { identityKey } from './identity.ts';
import type { KnownLocation } from './location.ts';
import { pieceCompositions } from './piece-composition.ts';

/** Hashes that were found before, and need not be found again. */
export type KnownHashes = {
  readonly sha256Of: (content: Content) => string | undefined;
  readonly pieceOf: (composition: string) => Uint8Array | undefined;
  readonly learnContent: (content: Content, sha256: string) => void;
  readonly learnPiece: (composition: string, sha1: Uint8Array) => void;
};

/** Bytes that stay the same while the identity does. */
type Content = Omit<KnownLocation, 'path'>;

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Starts with what these generations tell. */
export function createKnownHashes(generations: readonly StoredGeneration[]): KnownHashes {
  const contents = new Map<string, string>();
  const pieces = new Map<string, Uint8Array>();
  const known: KnownHashes = {
    sha256Of: (content) => (sizeOf(content) === 0 ? emptySha256 : contents.get(keyOf(content))),
    pieceOf: (composition) => pieces.get(composition),
    learnContent: (content, sha256) => void contents.set(keyOf(content), sha256),
    learnPiece: (composition, sha1) => void pieces.set(composition, sha1),
  };
  for (const generation of generations) learnGeneration(known, generation);
  return known;
}

function learnGeneration(known: KnownHashes, generation: StoredGeneration): void {
  const { manifest, metainfo, records } = generation;
  for (const [at, { sha256 }] of manifest.files.entries()) {
    const record = records.files[at];
    if (record === undefined) continue;
    const extents = record.extents === undefined ? {} : { extents: record.extents };
    known.learnContent({ identity: record.seen ?? record.identity, ...extents }, sha256);
  }
  const files = manifest.files.map(({ size, sha256 }) => ({ sizeBytes: size, sha256 }));
  let start = 0;
  for (const composition of pieceCompositions(files, metainfo.pieceLengthBytes)) {
    const sha1 = metainfo.pieceHashes.subarray(start, start + 20);
    if (composition !== undefined) known.learnPiece(composition, sha1);
    start += 20;
  }
}

function sizeOf({ extents, identity }: Content): number {
  return extents?.reduce((sum, extent) => sum + extent.sizeBytes, 0) ?? identity.sizeBytes;
}

function keyOf({ extents, identity }: Content): string {
  const parts = extents?.map((extent) => `${extent.offsetBytes}+${extent.sizeBytes}`) ?? [];
  return [identityKey(identity), ...parts].join(' ');
}
