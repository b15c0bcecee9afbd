import { lstatSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkTreeName } from '../../protocol/install-path.ts';
import { type ManifestFile, parseManifest } from '../../protocol/manifest.ts';
import type { Metainfo } from '../../protocol/metainfo.ts';
import { messageOf } from '../../runtime/errors.ts';
import { locationOf, readGenerationFolder, type StoredGeneration } from './generation-folder.ts';
import { planHashing } from './hash-plan.ts';
import { hashInWorkers } from './hash-pool.ts';
import { readManifestPublicKey } from './keys.ts';
import type { KnownLocation } from './location.ts';
import { findGeneration } from './stored-trees.ts';
import type { HashResult, HashSource } from './task-hasher.ts';
import { generationFolder, keptFolder } from './tree-folders.ts';

export type VerifyOptions = {
  readonly state: string;
  readonly name: string;
  /** Undefined: the newest. */
  readonly generation: number | undefined;
  readonly onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type VerifyReport = {
  readonly tree: string;
  readonly generation: number;
  readonly fileCount: number;
  readonly totalBytes: number;
  /** Files that are not what the manifest says, and what is wrong with the generation itself. */
  readonly problems: readonly { readonly path?: string; readonly reason: string }[];
};

/**
 * Hashes all that a generation serves again, and checks the manifest's signature. Throws TreeError
 * `no-such-tree` or `broken`; what differs is in the report.
 */
export async function verifyTree(options: VerifyOptions): Promise<VerifyReport> {
  const state = resolve(options.state);
  const tree = checkTreeName(options.name);
  const generation = await findGeneration(state, tree, options.generation);
  const folder = generationFolder(state, tree, generation);
  const stored = await readGenerationFolder(folder, undefined);
  const signature = await checkSignature(stored.manifestText, state);
  const contents = await checkContents(stored, keptFolder(state, tree), options);
  return {
    ...{ tree, generation, fileCount: stored.manifest.files.length },
    totalBytes: stored.manifest.totalSize,
    problems: [...signature, ...contents],
  };
}

type Problem = VerifyReport['problems'][number];

async function checkSignature(manifestText: string, state: string): Promise<Problem[]> {
  try {
    const publicKey = await readManifestPublicKey(state);
    if (publicKey === undefined) return [{ reason: `expected a key in '${state}', found none` }];
    parseManifest(manifestText, publicKey);
    return [];
  } catch (error) {
    return [{ reason: messageOf(error) }];
  }
}

type Target = { readonly file: ManifestFile; readonly location: KnownLocation };
type Finding = { readonly path: string; readonly reason: string | undefined };

async function checkContents(
  { manifest, metainfo, records }: StoredGeneration,
  kept: string,
  options: VerifyOptions,
): Promise<Problem[]> {
  const targets = manifest.files.flatMap((file, at) => {
    const record = records.files[at];
    return record === undefined ? [] : [{ file, location: locationOf(record, kept) }];
  });
  const findings = targets.map(lookAt);
  const isFine = ({ reason }: Finding) => reason === undefined;
  let pending = targets.filter(
    ({ file }, at) => findings[at]?.reason === undefined && file.size > 0,
  );
  // A file that cannot be read spoils its whole task: what else is in it is taken up once more.
  while (pending.length > 0) {
    const hashed = await hashTargets(pending, metainfo, options);
    findings.push(...hashed.findings);
    const done = new Set(hashed.findings.map(({ path }) => path));
    pending = pending.filter(({ file }) => !done.has(file.path));
    const isWhole = pending.length === 0 && findings.every(isFine);
    if (isWhole && !hashed.pieceHashes.equals(metainfo.pieceHashes)) {
      return [{ reason: 'the piece hashes of tree.torrent are not those of the files' }];
    }
  }
  const reasons = new Map(findings.flatMap(({ path, reason }) => (reason ? [[path, reason]] : [])));
  return [...reasons].map(([path, reason]) => ({ path, reason }));
}

/** Missing, or of another size: that can be told without reading. */
function lookAt({ file, location }: Target): Finding {
  return { path: file.path, reason: reasonAgainst(location, file.size) };
}

function reasonAgainst({ path, extents }: KnownLocation, sizeBytes: number): string | undefined {
  try {
    const stat = lstatSync(path);
    if (!stat.isFile()) return 'it is no plain file any more';
    if (extents !== undefined || stat.size === sizeBytes) return undefined;
    return `its size is ${stat.size}, not ${sizeBytes}`;
  } catch (error) {
    return messageOf(error);
  }
}

async function hashTargets(
  targets: readonly Target[],
  { pieceLengthBytes }: Metainfo,
  { onProgress, signal }: VerifyOptions,
): Promise<{ readonly findings: readonly Finding[]; readonly pieceHashes: Buffer }> {
  const files = targets.map(({ file }) => ({ sizeBytes: file.size, sha256: undefined }));
  const plan = planHashing({ files, pieceLengthBytes, knownPiece: () => undefined });
  const requests = plan.tasks.map((task) => ({
    task,
    sources: task.parts.flatMap(({ at }) => sourceOf(targets[at])),
  }));
  const findings: Finding[] = [];
  const { pieceHashes } = plan;
  await hashInWorkers(requests, {
    pieceLengthBytes,
    onResult: (result) => {
      findings.push(...findingsOf(result, targets));
      if (result.kind === 'hashed') pieceHashes.set(result.pieceHashes, result.firstPiece * 20);
    },
    onProgress: (bytes) => onProgress?.(bytes, plan.bytesToHash),
    signal,
  });
  return { findings, pieceHashes };
}

/** The content counts here, whatever the file's identity has become. */
function sourceOf(target: Target | undefined): HashSource[] {
  return target === undefined ? [] : [{ ...target.location, identity: undefined }];
}

function findingsOf(result: HashResult, targets: readonly Target[]): Finding[] {
  if (result.kind !== 'hashed') {
    const path = targets[result.at]?.file.path;
    return path === undefined ? [] : [{ path, reason: result.reason }];
  }
  return [...result.sha256s].flatMap(([at, sha256]) => {
    const file = targets[at]?.file;
    if (file === undefined) return [];
    return [
      { path: file.path, reason: file.sha256 === sha256 ? undefined : 'its content is another' },
    ];
  });
}
