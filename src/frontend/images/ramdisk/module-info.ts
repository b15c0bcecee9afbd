import { messageOf } from '../../../runtime/errors.ts';
import { RamdiskError } from './errors.ts';

/** What a kernel's module says of itself. Names have `_`, never `-`. */
export type ModuleInfo = {
  /** Without them it cannot be loaded. */
  readonly needs: readonly string[];
  /** To be loaded before it, where they are there. */
  readonly softNeeds: readonly string[];
  /** Patterns of the devices and names that it is for. */
  readonly aliases: readonly string[];
};

/** Reads the section `.modinfo` of an ELF object for 64 bits. Throws RamdiskError `bad-module`. */
export function readModuleInfo(bytes: Buffer, path: string): ModuleInfo {
  try {
    const pairs = readSection(bytes, '.modinfo').split('\0');
    const valuesOf = (key: string) =>
      pairs.flatMap((pair) => (pair.startsWith(`${key}=`) ? [pair.slice(key.length + 1)] : []));
    return {
      needs: valuesOf('depends').flatMap((value) =>
        value.split(',').filter(Boolean).map(moduleName),
      ),
      softNeeds: valuesOf('softdep').flatMap(softNeedsOf),
      aliases: valuesOf('alias'),
    };
  } catch (cause) {
    const text = `expected a module of a kernel in '${path}', got ${messageOf(cause)}`;
    throw new RamdiskError('bad-module', text, { cause });
  }
}

/** As the kernel calls a module, whatever its file is called. */
export function moduleName(text: string): string {
  return text.replaceAll('-', '_');
}

/** `pre: crc32c aead post: …` */
function softNeedsOf(value: string): readonly string[] {
  const before = /\bpre:\s*(.*?)(?:\bpost:|$)/.exec(value)?.[1] ?? '';
  return before.split(/\s+/).filter(Boolean).map(moduleName);
}

function readSection(bytes: Buffer, name: string): string {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2)
    throw new Error('another kind of file');
  const tableAt = Number(bytes.readBigUInt64LE(0x28));
  const entryBytes = bytes.readUInt16LE(0x3a);
  const sections = Array.from({ length: bytes.readUInt16LE(0x3c) }, (_, index) => {
    const at = tableAt + index * entryBytes;
    return {
      nameAt: bytes.readUInt32LE(at),
      start: Number(bytes.readBigUInt64LE(at + 0x18)),
      sizeBytes: Number(bytes.readBigUInt64LE(at + 0x20)),
    };
  });
  const names = sections[bytes.readUInt16LE(0x3e)];
  if (names === undefined) throw new Error('no names of sections');
  const found = sections.find(({ nameAt }) => {
    const at = names.start + nameAt;
    return bytes.toString('latin1', at, bytes.indexOf(0, at)) === name;
  });
  if (found === undefined) throw new Error(`no ${name}`);
  return bytes.toString('utf8', found.start, found.start + found.sizeBytes);
}
