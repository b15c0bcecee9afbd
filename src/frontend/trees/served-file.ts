import { type BigIntStats, fstat, read } from 'node:fs';
import { promisify } from 'node:util';
import type { ManifestFile } from '../../protocol/manifest.ts';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { hashContent } from './content-check.ts';
import type { Descriptors } from './descriptors.ts';
import { TreeError } from './errors.ts';
import { type FileIdentity, identityKey, identityOf, sameIdentity } from './identity.ts';
import { extentsUnder, type KnownLocation } from './location.ts';

const readInto = promisify(read);
const statOpen: (file: number, options: { bigint: true }) => Promise<BigIntStats> =
  promisify(fstat);

export type ServedFileDeps = {
  readonly descriptors: Descriptors;
  /** The file has got another identity, and has the same content. */
  readonly onAdopted: (file: ManifestFile, identity: FileIdentity) => void;
  /** Told once for each change. */
  readonly onRefused: (file: ManifestFile, reason: string) => void;
};

const attempts = 3;

/**
 * Hands out a file's bytes only while the file is what was hashed. After each reading the file's
 * identity is compared; where it is another one, the content is hashed once, and decides.
 */
export class ServedFile {
  readonly #file: ManifestFile;
  readonly #location: KnownLocation;
  readonly #deps: ServedFileDeps;
  #identity: FileIdentity;
  #refused: { readonly key: string; readonly error: TreeError } | undefined;
  #looking: Promise<void> | undefined;

  constructor(file: ManifestFile, location: KnownLocation, deps: ServedFileDeps) {
    this.#file = file;
    this.#location = location;
    this.#deps = deps;
    this.#identity = location.identity;
  }

  /** True from a failed reading on, until one succeeds. */
  get isRefused(): boolean {
    return this.#refused !== undefined;
  }

  /** Bytes `[startByte, lastByte)`, cut at the end, as they were hashed. Rejects with TreeError. */
  async read(startByte: number, lastByte: number): Promise<Buffer> {
    const endByte = Math.min(lastByte, this.#file.size);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const bytes = await this.#open((file) => this.#readIfSame(file, startByte, endByte));
      if (bytes?.length === endByte - startByte) {
        this.#refused = undefined;
        return bytes;
      }
      this.release();
      await this.#lookOnce();
    }
    throw this.#refuse('unsteady', 'it changes all the time');
  }

  /** The next reading opens the file anew. */
  release(): void {
    this.#deps.descriptors.forget(this.#location.path);
  }

  async #readIfSame(file: number, startByte: number, endByte: number) {
    const bytes = await readExtents(file, this.#location, { startByte, endByte });
    return sameIdentity(await identityOfOpen(file), this.#identity) ? bytes : undefined;
  }

  /** However many readers find the file another one, it is hashed once. */
  #lookOnce(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const seen = await this.#open(identityOfOpen);
    if (sameIdentity(seen, this.#identity)) return;
    const key = identityKey(seen);
    if (this.#refused?.key === key) throw this.#refused.error;
    if (seen.sizeBytes !== this.#identity.sizeBytes) {
      throw this.#refuse(key, `its size is ${seen.sizeBytes}`);
    }
    const finding = await hashContent({ ...this.#location, identity: seen }, this.#file.size);
    if (finding.kind !== 'sha256') throw this.#refuse(key, finding.reason);
    if (finding.sha256 !== this.#file.sha256) throw this.#refuse(key, 'its content is another');
    this.#identity = seen;
    this.#deps.onAdopted(this.#file, seen);
  }

  async #open<Result>(work: (file: number) => Promise<Result>): Promise<Result> {
    try {
      return await this.#deps.descriptors.use(this.#location.path, work);
    } catch (cause) {
      throw this.#refuse(messageOf(cause), messageOf(cause), cause);
    }
  }

  #refuse(key: string, reason: string, cause?: unknown): TreeError {
    if (this.#refused?.key === key) return this.#refused.error;
    const error = refusal(this.#file, reason, cause);
    this.#refused = { key, error };
    this.#deps.onRefused(this.#file, reason);
    return error;
  }
}

async function identityOfOpen(file: number): Promise<FileIdentity> {
  return identityOf(await statOpen(file, { bigint: true }));
}

type Range = { readonly startByte: number; readonly endByte: number };

/** Fewer bytes where the file ends before. */
async function readExtents(file: number, location: KnownLocation, range: Range): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(range.endByte - range.startByte);
  let filled = 0;
  for (const extent of extentsUnder(location, range.startByte, range.endByte)) {
    for (let done = 0; done < extent.sizeBytes; ) {
      const length = extent.sizeBytes - done;
      const position = extent.offsetBytes + done;
      const { bytesRead } = await readInto(file, bytes, filled, length, position);
      if (bytesRead === 0) return bytes.subarray(0, filled);
      done += bytesRead;
      filled += bytesRead;
    }
  }
  return bytes;
}

function refusal({ path }: ManifestFile, reason: string, cause: unknown): TreeError {
  const isGone = cause === undefined || hasErrorCode(cause, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR');
  const message = `expected '${path}' as it was hashed, but ${reason}; add the tree again`;
  return new TreeError(isGone ? 'changed' : 'unreadable', message, { cause });
}
