import { messageOf } from '../../runtime/errors.ts';
import { ImageError } from './errors.ts';
import type { Architecture } from './types.ts';

/** What is to be known of a program or library for 64 bits (ELF, System V ABI). */
export type Elf = {
  readonly architecture: Architecture | undefined;
  /** The names of the libraries that it loads. */
  readonly needed: readonly string[];
  /** The path of the dynamic loader that it asks for; a library has none. */
  readonly interpreter: string | undefined;
  /** Where the last byte that gets loaded ends: what follows is for debuggers. */
  readonly loadedBytes: number;
  /** Where a piece of data that is known by a name lies in the file. */
  readonly findSymbol: (matches: (name: string) => boolean) => ByteSpan | undefined;
};

export type ByteSpan = { readonly start: number; readonly sizeBytes: number };

/** Throws ImageError `bad-binary`, and so does `findSymbol`. */
export function readElf(bytes: Buffer, path: string): Elf {
  const elf = orBadBinary(path, () => parseElf(bytes));
  return { ...elf, findSymbol: (matches) => orBadBinary(path, () => elf.findSymbol(matches)) };
}

function orBadBinary<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    const text = `expected a program for 64-bit Linux in '${path}', got ${messageOf(cause)}`;
    throw new ImageError('bad-binary', text, { cause });
  }
}

const machines: ReadonlyMap<number, Architecture> = new Map([
  [62, 'x64'],
  [183, 'arm64'],
]);
const segmentTypes = { load: 1, dynamic: 2, interpreter: 3 } as const;
const dynamicTags = { needed: 1, strings: 5, symbols: 6 } as const;

type Segment = ByteSpan & { readonly type: number; readonly address: number };

function parseElf(bytes: Buffer): Elf {
  const isElf64 = bytes.readUInt32BE(0) === 0x7f454c46 && bytes[4] === 2 && bytes[5] === 1;
  if (!isElf64) throw new Error('another kind of file');
  const segments = readSegments(bytes);
  const dynamic = readDynamic(bytes, segments);
  const offsetOf = (address: number) => fileOffset(segments, address);
  const stringsAt = offsetOf(dynamic.find(([tag]) => tag === dynamicTags.strings)?.[1] ?? 0);
  const interpreter = segments.find(({ type }) => type === segmentTypes.interpreter);
  const loaded = segments.filter(({ type }) => type === segmentTypes.load);
  return {
    architecture: machines.get(bytes.readUInt16LE(18)),
    needed: dynamic
      .filter(([tag]) => tag === dynamicTags.needed)
      .map(([, at]) => textAt(bytes, stringsAt + at)),
    interpreter: interpreter === undefined ? undefined : textAt(bytes, interpreter.start),
    loadedBytes: Math.max(0, ...loaded.map(({ start, sizeBytes }) => start + sizeBytes)),
    findSymbol: (matches) => {
      const symbolsAddress = dynamic.find(([tag]) => tag === dynamicTags.symbols)?.[1];
      if (symbolsAddress === undefined) return undefined;
      // The table of names follows that of symbols, in all that linkers make.
      const span = { start: offsetOf(symbolsAddress), end: stringsAt };
      const found = findSymbol({ bytes, span, matches });
      return found && { start: offsetOf(found.address), sizeBytes: found.sizeBytes };
    },
  };
}

function readSegments(bytes: Buffer): readonly Segment[] {
  const tableAt = Number(bytes.readBigUInt64LE(32));
  const entryBytes = bytes.readUInt16LE(54);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => {
    const at = tableAt + index * entryBytes;
    return {
      type: bytes.readUInt32LE(at),
      start: Number(bytes.readBigUInt64LE(at + 8)),
      address: Number(bytes.readBigUInt64LE(at + 16)),
      sizeBytes: Number(bytes.readBigUInt64LE(at + 32)),
    };
  });
}

/** Tags with their values. */
function readDynamic(
  bytes: Buffer,
  segments: readonly Segment[],
): readonly (readonly [number, number])[] {
  const segment = segments.find(({ type }) => type === segmentTypes.dynamic);
  if (segment === undefined) return [];
  if (segment.start + segment.sizeBytes > bytes.length) throw new Error('a part of it');
  return Array.from({ length: Math.floor(segment.sizeBytes / 16) }, (_, index) => {
    const at = segment.start + index * 16;
    return [Number(bytes.readBigUInt64LE(at)), Number(bytes.readBigUInt64LE(at + 8))] as const;
  });
}

function fileOffset(segments: readonly Segment[], address: number): number {
  const segment = segments.find(
    (each) =>
      each.type === segmentTypes.load &&
      address >= each.address &&
      address < each.address + each.sizeBytes,
  );
  if (segment === undefined) throw new Error('an address that is in no part of it');
  return address - segment.address + segment.start;
}

type SymbolSearch = {
  readonly bytes: Buffer;
  readonly span: { readonly start: number; readonly end: number };
  readonly matches: (name: string) => boolean;
};

function findSymbol({ bytes, span, matches }: SymbolSearch) {
  for (let at = span.start; at + 24 <= span.end; at += 24) {
    const name = textAt(bytes, span.end + bytes.readUInt32LE(at));
    if (!matches(name)) continue;
    const address = Number(bytes.readBigUInt64LE(at + 8));
    return { address, sizeBytes: Number(bytes.readBigUInt64LE(at + 16)) };
  }
  return undefined;
}

function textAt(bytes: Buffer, start: number): string {
  const end = bytes.indexOf(0, start);
  if (start < 0 || end < 0) throw new Error('a name that does not end');
  return bytes.toString('latin1', start, end);
}
