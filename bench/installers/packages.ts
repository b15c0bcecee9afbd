import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { BenchError } from '../support/bench-error.ts';

export async function sizeOfFiles(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Throws BenchError `wrong-content`. */
export function expectSame<Value>(what: string, got: Value, expected: Value): void {
  if (isDeepStrictEqual(got, expected)) return;
  const show = (value: Value) => JSON.stringify(value).slice(0, 300);
  throw new BenchError(
    'wrong-content',
    `expected ${what} as in the tree, ${show(expected)}, got ${show(got)}`,
  );
}
