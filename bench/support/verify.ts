import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../src/runtime/errors.ts';
import { BenchError } from './bench-error.ts';
import type { BenchTree } from './tree.ts';

/** Reads a node's copy of the tree. Throws BenchError `wrong-content` with the first wrong file. */
export async function verifyCopy(tree: BenchTree, folder: string): Promise<void> {
  for (const file of tree.files) {
    const content = await readFile(join(folder, file.path)).catch((cause: unknown) => {
      throw wrong(file.path, messageOf(cause));
    });
    if (content.length !== file.sizeBytes) {
      throw wrong(file.path, `${content.length} bytes instead of ${file.sizeBytes}`);
    }
    const sha256 = createHash('sha256').update(content).digest('hex');
    if (sha256 !== file.sha256) throw wrong(file.path, 'other bytes');
  }
}

function wrong(path: string, what: string): BenchError {
  return new BenchError('wrong-content', `expected '${path}' as in the tree, got ${what}`);
}
