import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/**
 * Bytes of objects and buffers that this process holds once its garbage is collected. They are of
 * all tests that run at the time: measure in a serial one.
 */
export function measureKeptBytes(): number {
  if (typeof collect !== 'function') throw new Error('expected a way to collect garbage');
  // What the first finds unused, the second has given back.
  for (let turn = 0; turn < 2; turn += 1) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
