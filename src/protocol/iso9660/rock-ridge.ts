import type { SystemUseEntry } from './system-use.ts';
import { parseLongTime, parseShortTime } from './time.ts';

/** What Rock Ridge (IEEE P1282) says of a directory record; undefined where it says nothing. */
export type RockRidge = {
  readonly name: Buffer | undefined;
  /** POSIX mode, with the type of the file. */
  readonly mode: number | undefined;
  readonly linkTarget: Buffer | undefined;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number | undefined;
  /** The block of the folder that this record stands for (CL). */
  readonly relocatedTo: number | undefined;
  /** The record is shown elsewhere (RE). */
  readonly isRelocated: boolean;
  /** What is stored is not the file's plain bytes: zisofs, or with holes. */
  readonly isEncoded: boolean;
};

export function readRockRidge(entries: readonly SystemUseEntry[]): RockRidge {
  const dataOf = (signature: string) =>
    entries.filter((entry) => entry.signature === signature).map((entry) => entry.data);
  const [mode] = dataOf('PX');
  const [times] = dataOf('TF');
  const [child] = dataOf('CL');
  return {
    name: joinNames(dataOf('NM')),
    mode: readNumber(mode),
    linkTarget: joinLinks(dataOf('SL')),
    mtimeMs: times === undefined ? undefined : readModifyTime(times),
    relocatedTo: readNumber(child),
    isRelocated: dataOf('RE').length > 0,
    isEncoded: dataOf('ZF').length > 0 || dataOf('SF').length > 0,
  };
}

function readNumber(data: Buffer | undefined): number | undefined {
  return data !== undefined && data.length >= 4 ? data.readUInt32LE(0) : undefined;
}

function joinNames(parts: readonly Buffer[]): Buffer | undefined {
  return parts.length === 0 ? undefined : Buffer.concat(parts.map((part) => part.subarray(1)));
}

const component = { continues: 0x01, current: 0x02, parent: 0x04, root: 0x08 } as const;

/** Components of a link's text; one may be spread over several. */
function joinLinks(parts: readonly Buffer[]): Buffer | undefined {
  if (parts.length === 0) return undefined;
  const text: Buffer[] = [];
  let needsSlash = false;
  for (const { flags, content } of parts.flatMap((part) => [...componentsOf(part.subarray(1))])) {
    if (needsSlash) text.push(Buffer.from('/'));
    if ((flags & component.current) !== 0) text.push(Buffer.from('.'));
    else if ((flags & component.parent) !== 0) text.push(Buffer.from('..'));
    else if ((flags & component.root) !== 0) text.push(Buffer.from('/'));
    else text.push(content);
    needsSlash = (flags & (component.continues | component.root)) === 0;
  }
  return Buffer.concat(text);
}

function* componentsOf(data: Buffer) {
  for (let at = 0; at + 2 <= data.length; ) {
    const end = at + 2 + (data[at + 1] ?? 0);
    yield { flags: data[at] ?? 0, content: data.subarray(at + 2, end) };
    at = end;
  }
}

/** The second of the times that are there (TF). */
function readModifyTime(data: Buffer): number | undefined {
  const flags = data[0] ?? 0;
  if ((flags & 0x02) === 0) return undefined;
  const isLong = (flags & 0x80) !== 0;
  const length = isLong ? 17 : 7;
  const start = 1 + ((flags & 0x01) === 0 ? 0 : length);
  const bytes = data.subarray(start, start + length);
  if (bytes.length < length) return undefined;
  return isLong ? parseLongTime(bytes) : parseShortTime(bytes);
}
