import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { writeFileOnce } from '../../runtime/files.ts';
import { FrontendError } from '../errors.ts';

const keyBytes = 32;

/**
 * The key that installs' tokens are made with: `keys/install.key` in the state folder, for its
 * owner only, made when it is not there. Throws FrontendError `bad-state`.
 */
export async function openInstallKey(state: string): Promise<Buffer> {
  const path = join(state, 'keys', 'install.key');
  const text = (await readIfThere(path)) ?? (await makeKey(path));
  const key = Buffer.from(text.trim(), 'hex');
  if (key.length === keyBytes) return key;
  const expected = `expected ${keyBytes} bytes in hex in '${path}'`;
  const advice = 'put the right key back, or remove the file and re-arm what is being installed';
  throw new FrontendError('bad-state', `${expected}, got ${text.length} characters; ${advice}`);
}

function makeKey(path: string): Promise<string> {
  return writeFileOnce(path, `${randomBytes(keyBytes).toString('hex')}\n`, { mode: 0o600 });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT')) return undefined;
    const message = `expected to read '${path}', got ${messageOf(cause)}; run as its owner`;
    throw new FrontendError('bad-state', message, { cause });
  }
}
