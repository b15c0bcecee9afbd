import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { writeFileAtomic, writeFileOnce } from '../../runtime/files.ts';
import { TreeError } from './errors.ts';

export type ManifestKeys = {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** SPKI, as agents get it. */
  readonly publicKeyPem: string;
};

/**
 * The Ed25519 keys that manifests are signed with: `keys/manifest.key` (PKCS 8, only for its
 * owner) and `keys/manifest.pub` in the state folder, made when they are not there. Throws
 * TreeError `bad-key`.
 */
export async function openManifestKeys(state: string): Promise<ManifestKeys> {
  const path = join(state, 'keys', 'manifest.key');
  const publicPath = join(state, 'keys', 'manifest.pub');
  const keys = keysFrom((await readIfThere(path)) ?? (await makeKey(path)), path);
  if ((await readIfThere(publicPath)) !== keys.publicKeyPem) {
    await writeFileAtomic(publicPath, keys.publicKeyPem);
  }
  return keys;
}

/** The public key, when there are keys already. */
export async function readManifestPublicKey(state: string): Promise<KeyObject | undefined> {
  const path = join(state, 'keys', 'manifest.key');
  const pem = await readIfThere(path);
  return pem === undefined ? undefined : keysFrom(pem, path).publicKey;
}

function makeKey(path: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return writeFileOnce(path, pem, { mode: 0o600 });
}

function keysFrom(pem: string, path: string): ManifestKeys {
  try {
    const privateKey = createPrivateKey(pem);
    const publicKey = createPublicKey(privateKey);
    if (privateKey.asymmetricKeyType !== 'ed25519') throw new Error('another kind of key');
    const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return { privateKey, publicKey, publicKeyPem };
  } catch (cause) {
    const message =
      `expected an Ed25519 key in '${path}', got: ${messageOf(cause)}; ` +
      'put the right key back, or remove the file and add all trees again';
    throw new TreeError('bad-key', message, { cause });
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT')) return undefined;
    const message = `expected to read '${path}', got ${messageOf(cause)}; run as its owner`;
    throw new TreeError('bad-key', message, { cause });
  }
}
