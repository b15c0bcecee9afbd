import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PlannedFile } from './tree-plan.ts';

const chunkBytes = 1024 * 1024;
const zeros = Buffer.alloc(chunkBytes);

/**
 * Writes the planned files below `folder`: bytes that do not compress, the same for the same seed.
 * Throws Node's errors (ENOSPC and the like), and the signal's reason when it aborts.
 */
export async function makeTree(
  folder: string,
  { files, seed }: { readonly files: readonly PlannedFile[]; readonly seed: number },
  signal?: AbortSignal,
): Promise<void> {
  for (const { path, sizeBytes } of files) {
    signal?.throwIfAborted();
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeNoise(place, sizeBytes, `${seed} ${path}`);
  }
}

/** The key stream of AES: as good as random bytes, and faster than any disk. */
async function writeNoise(path: string, sizeBytes: number, name: string): Promise<void> {
  const digest = createHash('sha256').update(name).digest();
  const cipher = createCipheriv('aes-128-ctr', digest.subarray(0, 16), digest.subarray(16));
  const handle = await open(path, 'wx');
  try {
    for (let leftBytes = sizeBytes; leftBytes > 0; leftBytes -= chunkBytes) {
      await handle.writeFile(cipher.update(zeros.subarray(0, Math.min(leftBytes, chunkBytes))));
    }
  } finally {
    await handle.close();
  }
}
