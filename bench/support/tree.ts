import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createRandom, drawNormal } from '../../src/simulator/random.ts';

export type BenchFile = { readonly path: string; readonly sizeBytes: number };

/** A package tree on disk, with what it takes to check a copy and to make a torrent of it. */
export type BenchTree = {
  readonly folder: string;
  /** Sorted by path. */
  readonly files: readonly (BenchFile & { readonly sha256: string })[];
  readonly totalSizeBytes: number;
  readonly pieceLengthBytes: number;
  /** SHA-1 of each piece of all files one after the other, 20 bytes each. */
  readonly pieceHashes: Buffer;
};

export type TreePlan = {
  readonly totalSizeBytes: number;
  readonly fileCount: number;
  readonly seed: number;
};

const pieceLengthBytes = 64 * 1024;

/** Writes a tree of incompressible files; the same plan makes the same bytes on any machine. */
export async function makeTree(folder: string, plan: TreePlan): Promise<BenchTree> {
  const keystream = createKeystream(plan.seed);
  const pieces = createPieceHasher();
  const files = [];
  for (const file of planFiles(plan)) {
    const content = keystream(file.sizeBytes);
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    pieces.add(content);
    files.push({ ...file, sha256: createHash('sha256').update(content).digest('hex') });
  }
  const { totalSizeBytes } = plan;
  return { folder, files, totalSizeBytes, pieceLengthBytes, pieceHashes: pieces.end() };
}

// With this spread the mean is 3.7 times the median, as in Debian's archive, where the few
// packages of more than 1 MiB hold nearly all of the bytes.
const sizeSpread = 1.62;

/** Paths, sorted, and log-normal sizes that add up to exactly the plan's total. */
export function planFiles(plan: TreePlan): BenchFile[] {
  const random = createRandom(plan.seed);
  const weights = Array.from({ length: plan.fileCount }, () =>
    Math.exp(sizeSpread * drawNormal(random)),
  );
  const scale = plan.totalSizeBytes / weights.reduce((sum, weight) => sum + weight, 0);
  let used = 0;
  let wanted = 0;
  return weights.map((weight, index) => {
    wanted += weight * scale;
    const isLast = index === weights.length - 1;
    const end = isLast ? plan.totalSizeBytes : Math.min(Math.round(wanted), plan.totalSizeBytes);
    const sizeBytes = end - used;
    used = end;
    return { path: filePath(index), sizeBytes };
  });
}

function filePath(index: number): string {
  const number = String(index).padStart(5, '0');
  return `Packages/${number.slice(0, 4)}/package-${number}-1.0-1.x86_64.rpm`;
}

/** AES in counter mode over zeros: fast, and nothing can compress it. */
function createKeystream(seed: number): (sizeBytes: number) => Buffer {
  const key = createHash('sha256').update(`tree ${seed}`).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  return (sizeBytes) => cipher.update(Buffer.alloc(sizeBytes));
}

function createPieceHasher() {
  const hashes: Buffer[] = [];
  let rest = Buffer.alloc(0);
  const cut = (minimumBytes: number): void => {
    while (rest.length >= minimumBytes && rest.length > 0) {
      hashes.push(createHash('sha1').update(rest.subarray(0, pieceLengthBytes)).digest());
      rest = rest.subarray(pieceLengthBytes);
    }
  };
  return {
    add: (content: Buffer): void => {
      rest = Buffer.concat([rest, content]);
      cut(pieceLengthBytes);
    },
    end: (): Buffer => {
      cut(0);
      return Buffer.concat(hashes);
    },
  };
}
