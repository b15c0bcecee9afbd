import { choosePieceLengthBytes, createMetainfo, type Metainfo } from '../../protocol/metainfo.ts';
import { TreeError } from './errors.ts';
import { planHashing } from './hash-plan.ts';
import { hashInWorkers } from './hash-pool.ts';
import type { KnownHashes } from './known-hashes.ts';
import { pieceCompositions } from './piece-composition.ts';
import type { SourceFile } from './scan.ts';
import { type OrderedFile, planStreamOrder } from './stream-order.ts';
import type { HashResult } from './task-hasher.ts';

export type HashedFile = SourceFile & { readonly sha256: string };

export type HashedTree = {
  /** In the order of the torrent. */
  readonly files: readonly HashedFile[];
  readonly metainfo: Metainfo;
  /** How many bytes were read for it. */
  readonly hashedBytes: number;
};

export type HashTreeOptions = {
  /** Of the torrent. */
  readonly name: string;
  /** In the order of the torrent, but for what stays as it was in the generation before. */
  readonly files: readonly SourceFile[];
  /** The files of the generation before, in the order of its torrent; none: all is laid out anew. */
  readonly former: readonly OrderedFile[];
  /** What is found is added, also when the whole fails. */
  readonly known: KnownHashes;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Finds the hashes of all files and pieces, as far as they are not known. Throws TreeError
 * `changed` when a file is not what it was when it was found, `unreadable`, `hashing-failed`.
 */
export async function hashTree(options: HashTreeOptions): Promise<HashedTree> {
  const { name, known } = options;
  const totalSizeBytes = options.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const pieceLengthBytes = choosePieceLengthBytes(totalSizeBytes);
  const current = options.files.map((file) => ({ ...file, sha256: known.sha256Of(file.location) }));
  const files = planStreamOrder({ former: options.former, current, pieceLengthBytes });
  const plan = planHashing({ files, pieceLengthBytes, knownPiece: known.pieceOf });
  const results: HashResult[] = [];
  const requests = plan.tasks.map((task) => ({
    task,
    sources: task.parts.flatMap((part) => files[part.at]?.location ?? []),
  }));
  await hashInWorkers(requests, {
    pieceLengthBytes,
    onResult: (result) => void results.push(result),
    onProgress: (bytes) => options.onProgress?.(bytes, plan.bytesToHash),
    signal: options.signal,
  });
  const hashed = learn(files, results, { known, pieceLengthBytes });
  const finding = results.find((result) => result.kind !== 'hashed');
  if (finding !== undefined) throw errorOf(finding, files[finding.at]?.path ?? '');
  const pieceHashes = fillIn(plan.pieceHashes, results);
  const infoFiles = files.map(({ path, sizeBytes }) => ({ path, sizeBytes }));
  const metainfo = createMetainfo({
    ...{ name, pieceLengthBytes, pieceHashes },
    files: infoFiles,
    singleFile: false,
  });
  return { files: hashed, metainfo, hashedBytes: plan.bytesToHash };
}

type CurrentFile = SourceFile & { readonly sha256: string | undefined };

function learn(
  files: readonly CurrentFile[],
  results: readonly HashResult[],
  context: { readonly known: KnownHashes; readonly pieceLengthBytes: number },
): HashedFile[] {
  const { known, pieceLengthBytes } = context;
  const sha256s = new Map(
    results.flatMap((result) => (result.kind === 'hashed' ? [...result.sha256s] : [])),
  );
  const hashed = files.map((file, at) => ({ ...file, sha256: file.sha256 ?? sha256s.get(at) }));
  for (const { location, sha256 } of hashed) {
    if (sha256 !== undefined) known.learnContent(location, sha256);
  }
  const compositions = [...pieceCompositions(hashed, pieceLengthBytes)];
  for (const { piece, sha1 } of piecesOf(results)) {
    const composition = compositions[piece];
    if (composition !== undefined) known.learnPiece(composition, sha1);
  }
  return hashed.flatMap(({ sha256, ...file }) =>
    sha256 === undefined ? [] : [{ ...file, sha256 }],
  );
}

function fillIn(pieceHashes: Buffer, results: readonly HashResult[]): Buffer {
  for (const { piece, sha1 } of piecesOf(results)) pieceHashes.set(sha1, piece * 20);
  return pieceHashes;
}

function* piecesOf(results: readonly HashResult[]) {
  for (const result of results) {
    if (result.kind !== 'hashed') continue;
    for (let at = 0; at < result.pieceHashes.length; at += 20) {
      const sha1 = result.pieceHashes.subarray(at, at + 20);
      yield { piece: result.firstPiece + at / 20, sha1 };
    }
  }
}

function errorOf(finding: Exclude<HashResult, { kind: 'hashed' }>, path: string): TreeError {
  const message =
    finding.kind === 'changed'
      ? `expected '${path}' to stay as it is while it is hashed, but ${finding.reason}; ` +
        'add the tree when nothing writes to it'
      : `expected to read '${path}', got ${finding.reason}; make it readable, or take it out`;
  return new TreeError(finding.kind, message);
}
