import {
  createHash,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import * as v from 'valibot';
import { messageOf, ScreeError } from '../runtime/errors.ts';
import { isSafeTreePath, treeNamePattern } from './install-path.ts';

export class ManifestError extends ScreeError<'malformed' | 'bad-signature'> {}

const treePath = v.pipe(
  v.string(),
  v.check(isSafeTreePath, 'expected a relative path without . or .. segments'),
);
const hex = (length: number) => v.pipe(v.string(), v.length(length), v.hexadecimal());
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const fileSchema = v.object({
  path: treePath,
  size,
  /** Milliseconds since 1970. */
  mtimeMs: v.pipe(v.number(), v.safeInteger()),
  sha256: hex(64),
});

const manifestSchema = v.object({
  format: v.literal(1),
  tree: v.pipe(v.string(), v.regex(treeNamePattern)),
  generation: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  createdAt: v.string(),
  /** SHA-1 of the torrent's info dictionary, in hex: binds every piece hash to the signature. */
  infohash: hex(40),
  pieceLength: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  totalSize: size,
  /** In the order in which they follow each other in the torrent. */
  files: v.array(fileSchema),
  /**
   * Symbolic links inside the tree, to a file or a folder of it; `target` is a tree path, empty
   * for the tree itself.
   */
  links: v.array(v.object({ path: treePath, target: v.union([v.literal(''), treePath]) })),
});

export type ManifestFile = Readonly<v.InferOutput<typeof fileSchema>>;
export type ManifestLink = { readonly path: string; readonly target: string };
export type Manifest = Readonly<
  Omit<v.InferOutput<typeof manifestSchema>, 'files' | 'links'> & {
    readonly files: readonly ManifestFile[];
    readonly links: readonly ManifestLink[];
  }
>;

const envelopeSchema = v.object({
  signed: v.unknown(),
  signature: v.object({
    algorithm: v.literal('ed25519'),
    keyId: hex(16),
    value: v.pipe(v.string(), v.base64()),
  }),
});

/** The first 16 hex digits of the SHA-256 of a public key's SPKI form. */
export function keyIdOf(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}

/**
 * The text of manifest.json: `{signed, signature}`. The signature (Ed25519, RFC 8032) covers
 * `JSON.stringify(signed)`, which ECMAScript makes reproducible from the parsed document.
 */
export function signManifest(manifest: Manifest, privateKey: KeyObject): string {
  const value = signBytes(null, signedBytes(manifest), privateKey).toString('base64');
  const keyId = keyIdOf(createPublicKey(privateKey));
  return JSON.stringify({ signed: manifest, signature: { algorithm: 'ed25519', keyId, value } });
}

/**
 * Reads manifest.json. With a public key the signature is checked first. Throws ManifestError
 * `malformed` or `bad-signature`.
 */
export function parseManifest(text: string, publicKey: KeyObject | undefined): Manifest {
  const { signed, signature } = orMalformed(() => v.parse(envelopeSchema, JSON.parse(text)));
  if (publicKey !== undefined && !isSignedBy(signed, signature.value, publicKey)) {
    throw new ManifestError(
      'bad-signature',
      `expected a manifest signed by key ${keyIdOf(publicKey)}, ` +
        `got one by ${signature.keyId} that does not verify; check the frontend's key`,
    );
  }
  return orMalformed(() => v.parse(manifestSchema, signed));
}

function orMalformed<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    throw new ManifestError('malformed', `expected a signed manifest, got ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Of the document as it came: what a schema leaves out, or puts elsewhere, was signed, too. */
function isSignedBy(signed: unknown, value: string, publicKey: KeyObject): boolean {
  const bytes = orMalformed(() => signedBytes(signed));
  return verifyBytes(null, bytes, publicKey, Buffer.from(value, 'base64'));
}

function signedBytes(signed: unknown): Buffer {
  return Buffer.from(JSON.stringify(signed));
}
