import { parseShortTime } from './time.ts';

/** A directory record (ECMA-119, 9.1). */
export type DirectoryRecord = {
  /** The logical block of the first byte of data. */
  readonly block: number;
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly isFolder: boolean;
  /** A file that goes with another one, such as a resource fork. */
  readonly isAssociated: boolean;
  readonly isInterleaved: boolean;
  /** The file goes on in the next record. */
  readonly continues: boolean;
  readonly name: Buffer;
  readonly systemUse: Buffer;
};

export const sectorBytes = 2048;
export const fixedRecordBytes = 33;

/** The records of a directory's data; they never cross a sector. Whatever is broken ends a sector. */
export function* parseDirectory(data: Buffer): Generator<DirectoryRecord> {
  for (let sector = 0; sector < data.length; sector += sectorBytes) {
    const bytes = data.subarray(sector, sector + sectorBytes);
    for (let at = 0; at < bytes.length; ) {
      const record = parseRecord(bytes.subarray(at));
      if (record === undefined) break;
      yield record;
      at += bytes[at] ?? sectorBytes;
    }
  }
}

/** The record at the beginning of `bytes`; undefined for padding, or for one that does not fit. */
export function parseRecord(bytes: Buffer): DirectoryRecord | undefined {
  const length = bytes[0] ?? 0;
  const nameLength = bytes[32] ?? 0;
  const nameEnd = fixedRecordBytes + nameLength;
  if (length > bytes.length || nameLength === 0 || nameEnd > length) return undefined;
  const flags = bytes.readUInt8(25);
  return {
    block: bytes.readUInt32LE(2) + bytes.readUInt8(1),
    sizeBytes: bytes.readUInt32LE(10),
    mtimeMs: parseShortTime(bytes.subarray(18, 25)),
    isFolder: (flags & 0x02) !== 0,
    isAssociated: (flags & 0x04) !== 0,
    isInterleaved: bytes.readUInt8(26) !== 0,
    continues: (flags & 0x80) !== 0,
    name: bytes.subarray(fixedRecordBytes, nameEnd),
    systemUse: bytes.subarray(nameEnd + ((nameLength + 1) % 2), length),
  };
}
