import { ImageError } from './errors.ts';
import type { CpioEntry } from './types.ts';

/**
 * An archive as the kernel unpacks it into a ramdisk (cpio "newc",
 * Documentation/driver-api/early-userspace/buffer-format.rst): sorted by path, so that folders come
 * before what they hold, all of root's, of 1970, inodes numbered from 1. The same entries give the
 * same bytes, in whatever order they come. Throws ImageError `bad-entry`.
 */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const sorted = entries.toSorted((a, b) => compareTexts(a.path, b.path));
  checkEntries(sorted);
  const parts = sorted.flatMap((entry, index) => renderEntry(entry, index + 1));
  return Buffer.concat([...parts, ...renderRecord({ path: trailer, inode: 0, mode: 0, links: 1 })]);
}

const trailer = 'TRAILER!!!';
const fileTypes = { file: 0o100000, folder: 0o040000, link: 0o120000 } as const;

/** Not by locale: the order is part of the bytes. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function checkEntries(sorted: readonly CpioEntry[]): void {
  for (const [index, { path }] of sorted.entries()) {
    const isPlain = /^(?!.*\0)(?!\.{0,2}(?:\/|$))(?!.*\/(?:\.{0,2})(?:\/|$))./s.test(path);
    if (!isPlain || path === trailer) {
      throw badEntry("a path without '.', '..' and '/' at its ends", path);
    }
    if (sorted[index + 1]?.path === path) throw badEntry('each path once', `${path} twice`);
  }
}

function badEntry(expected: string, got: string): ImageError {
  return new ImageError('bad-entry', `expected ${expected} in an archive, got '${got}'`);
}

function renderEntry(entry: CpioEntry, inode: number): readonly Uint8Array[] {
  const { path } = entry;
  const type = fileTypes[entry.kind];
  switch (entry.kind) {
    case 'file':
      return renderRecord({ path, inode, mode: type | entry.mode, links: 1, body: entry.bytes });
    case 'folder':
      return renderRecord({ path, inode, mode: type | entry.mode, links: 2 });
    case 'link': {
      const body = Buffer.from(entry.target);
      return renderRecord({ path, inode, mode: type | 0o777, links: 1, body });
    }
  }
}

type CpioRecord = {
  readonly path: string;
  readonly inode: number;
  readonly mode: number;
  readonly links: number;
  readonly body?: Uint8Array;
};

function renderRecord({ path, inode, mode, links, body }: CpioRecord): readonly Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const bodyBytes = body ?? Buffer.alloc(0);
  // inode, mode, owner, group, links, time, size, four device numbers, length of the name, checksum
  const numbers = [inode, mode, 0, 0, links, 0, bodyBytes.length, 0, 0, 0, 0, name.length, 0];
  const header = `070701${numbers.map(hexOf).join('')}`;
  const head = Buffer.concat([Buffer.from(header, 'latin1'), name]);
  return [head, padding(head.length), bodyBytes, padding(bodyBytes.length)];
}

function hexOf(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** Heads and bodies end at multiples of four. */
function padding(lengthBytes: number): Buffer {
  return Buffer.alloc((4 - (lengthBytes % 4)) % 4);
}
