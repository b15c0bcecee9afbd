import type { BigIntStats } from 'node:fs';
import * as v from 'valibot';

const digits = v.pipe(v.string(), v.digits());

export const identitySchema = v.object({
  sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** Nanoseconds since 1970, as are all times here; before 1970 with a minus. */
  mtimeNs: v.pipe(v.string(), v.regex(/^-?\d+$/)),
  ctimeNs: v.pipe(v.string(), v.regex(/^-?\d+$/)),
  ino: digits,
  dev: digits,
});

/** What a file system tells of a file. While none of it changes, the content has not either. */
export type FileIdentity = Readonly<v.InferOutput<typeof identitySchema>>;

export function identityOf(stat: BigIntStats): FileIdentity {
  return {
    sizeBytes: Number(stat.size),
    mtimeNs: String(stat.mtimeNs),
    ctimeNs: String(stat.ctimeNs),
    ino: String(stat.ino),
    dev: String(stat.dev),
  };
}

export function sameIdentity(a: FileIdentity, b: FileIdentity): boolean {
  return a.ctimeNs === b.ctimeNs && sameButForCtime(a, b);
}

/** True also when only a link to the file was made or removed, or its mode or owner set. */
export function sameButForCtime(a: FileIdentity, b: FileIdentity): boolean {
  return a.sizeBytes === b.sizeBytes && a.mtimeNs === b.mtimeNs && sameInode(a, b);
}

export function sameInode(a: FileIdentity, b: FileIdentity): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

export function identityKey(identity: FileIdentity): string {
  const { sizeBytes, mtimeNs, ctimeNs, ino, dev } = identity;
  return `${sizeBytes} ${mtimeNs} ${ctimeNs} ${ino} ${dev}`;
}

/** Whole milliseconds since 1970. */
export function mtimeMsOf(identity: FileIdentity): number {
  return Number(BigInt(identity.mtimeNs) / 1_000_000n);
}
