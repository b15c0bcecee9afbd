import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** A folder that is removed when the test has ended. */
export async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-test-'));
  // A program that is ended after this may still write a file.
  const patience = { maxRetries: 10, retryDelay: 50 };
  t.teardown(() => rm(folder, { recursive: true, force: true, ...patience }));
  return folder;
}
