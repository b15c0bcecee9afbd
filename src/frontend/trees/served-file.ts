import { type BigIntStats, fstat, read } from 'node:fs';
import { promisify } from 'node:util';
import { hasErrorCode, messageOf } from '../../runtime/errors.ts';
import { hashContent } from './content-check.ts';
import type { Descriptors } from './descriptors.ts';
import { TreeError } from './errors.ts';
import { type FileIdentity, identityKey, identityOf, sameIdentity } from './identity.ts';
import { extentsUnder, type KnownLocation } from './location.ts';

const readInto = promisify(read);
const statOpen: (file: number, options: { bigint: true }) => Promise<BigIntStats> =
  promisify(fstat);

export type ServedFile = {
  /** Bytes `[startByte, endByte)`, cut at the end, as they were hashed. Rejects with TreeError. */
  readonly read: (startByte: number, endByte: number) => Promise<Buffer>;
  /** True from a failed reading on, until one succeeds. */
  readonly isRefused: () => boolean;
};

export type ServedFileOptions = {
  /** The path in the tree, for messages. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly location: KnownLocation;
};

export type ServedFileDeps = {
  readonly descriptors: Descriptors;
  /** The file has got another identity, and has the same content. */
  readonly onAdopted: (identity: FileIdentity) => void;
  /** Told once for each change. */
  readonly onRefused: (reason: string) => void;
};

const attempts = 3;

/**
 * Hands out a file's bytes only while the file is what was hashed. After each reading the file's
 * identity is compared; where it is another one, the content is hashed once, and decides.
 */
export function createServedFile(options: ServedFileOptions, deps: ServedFileDeps): ServedFile {
  const { location, sizeBytes } = options;
  const { descriptors } = deps;
  let { identity } = location;
  let refused: { readonly key: string; readonly error: TreeError } | undefined;
  let looking: Promise<void> | undefined;

  const refuse = (key: string, reason: string, cause?: unknown): TreeError => {
    if (refused?.key === key) return refused.error;
    refused = { key, error: refusal(options, reason, cause) };
    deps.onRefused(reason);
    return refused.error;
  };
  const opened = async <Result>(work: (file: number) => Promise<Result>): Promise<Result> => {
    try {
      return await descriptors.use(location.path, work);
    } catch (cause) {
      throw refuse(messageOf(cause), messageOf(cause), cause);
    }
  };
  const look = async (): Promise<void> => {
    const seen = await opened(identityOfOpen);
    const key = identityKey(seen);
    if (sameIdentity(seen, identity)) return;
    if (refused?.key === key) throw refused.error;
    if (seen.sizeBytes !== identity.sizeBytes) throw refuse(key, `its size is ${seen.sizeBytes}`);
    const finding = await hashContent({ ...location, identity: seen }, sizeBytes);
    if (finding.kind !== 'sha256') throw refuse(key, finding.reason);
    if (finding.sha256 !== options.sha256) throw refuse(key, 'its content is another');
    identity = seen;
    deps.onAdopted(seen);
  };
  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  return {
    isRefused: () => refused !== undefined,
    read: async (startByte, lastByte) => {
      const endByte = Math.min(lastByte, sizeBytes);
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const bytes = await opened(async (file) => {
          const found = await readExtents(file, location, { startByte, endByte });
          return sameIdentity(await identityOfOpen(file), identity) ? found : undefined;
        });
        if (bytes?.length === endByte - startByte) {
          refused = undefined;
          return bytes;
        }
        descriptors.forget(location.path);
        await lookOnce();
      }
      throw refuse('unsteady', 'it changes all the time');
    },
  };
}

async function identityOfOpen(file: number): Promise<FileIdentity> {
  return identityOf(await statOpen(file, { bigint: true }));
}

type Range = { readonly startByte: number; readonly endByte: number };

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
  return bytes.subarray(0, filled);
}

function refusal({ path }: ServedFileOptions, reason: string, cause: unknown): TreeError {
  const isGone = cause === undefined || hasErrorCode(cause, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR');
  const message = `expected '${path}' as it was hashed, but ${reason}; add the tree again`;
  return new TreeError(isGone ? 'changed' : 'unreadable', message, { cause });
}
