import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../src/runtime/errors.ts';
import { BenchError } from '../support/bench-error.ts';

export const initrdName = 'initrd.img';

export type Initrd = {
  /** Holds nothing else. */
  readonly root: string;
  readonly sizeBytes: number;
  readonly sha256: string;
};

/** A ramdisk that nothing can compress, in a folder of its own that anybody may read. */
export async function makeInitrd(root: string, sizeBytes: number): Promise<Initrd> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 14), Buffer.alloc(16));
  const content = cipher.update(Buffer.alloc(sizeBytes));
  await mkdir(root, { recursive: true, mode: 0o755 });
  await writeFile(join(root, initrdName), content, { mode: 0o644 });
  return { root, sizeBytes, sha256: hashOf(content) };
}

/** Throws BenchError `wrong-content` unless all of these files are the ramdisk. */
export async function verifyCopies(initrd: Initrd, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const content = await readFile(path).catch((cause: unknown) => {
      throw new BenchError('wrong-content', `expected the ramdisk, got ${messageOf(cause)}`);
    });
    if (hashOf(content) === initrd.sha256) continue;
    const got = `${content.length} bytes that are not its own`;
    throw new BenchError('wrong-content', `expected ${initrd.sizeBytes} bytes, got ${got}`);
  }
}

function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
