import { crc32 } from 'node:zlib';

/** What lies in a slot: one part of a piece, known by the piece's SHA-1 and not by its torrent. */
export type SlotLabel = {
  readonly pieceHash: Buffer;
  /** Of the whole piece. */
  readonly sizeBytes: number;
  readonly part: number;
  readonly parts: number;
};

export const recordBytes = 32;
const checkedBytes = 28;
const firstBytes = 64 * recordBytes;
/** Another layout gets another one, so that no record of this one is taken for it. */
const layout = crc32('scree store 1');

/**
 * The label as it stands in the store's index: hash, part, parts, size, CRC-32 of these. Whatever
 * else stands there is no record; and a record alone proves nothing, the piece's hash does.
 */
export function encodeRecord(label: SlotLabel, into: Buffer, at: number): void {
  label.pieceHash.copy(into, at, 0, 20);
  into.writeUInt16BE(label.part, at + 20);
  into.writeUInt16BE(label.parts, at + 22);
  into.writeUInt32BE(label.sizeBytes, at + 24);
  into.writeUInt32BE(crc32(into.subarray(at, at + checkedBytes), layout), at + checkedBytes);
}

/** Undefined: no record. */
export function decodeRecord(bytes: Buffer, at: number): SlotLabel | undefined {
  if (at + recordBytes > bytes.length) return undefined;
  const check = crc32(bytes.subarray(at, at + checkedBytes), layout);
  if (bytes.readUInt32BE(at + checkedBytes) !== check) return undefined;
  const part = bytes.readUInt16BE(at + 20);
  const parts = bytes.readUInt16BE(at + 22);
  const sizeBytes = bytes.readUInt32BE(at + 24);
  if (part >= parts || sizeBytes === 0) return undefined;
  return { pieceHash: Buffer.from(bytes.subarray(at, at + 20)), sizeBytes, part, parts };
}

/** The records of all slots, in memory; as many as were ever used. */
export class SlotRecords {
  #bytes: Buffer;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#bytes = bytes;
  }

  set(slot: number, label: SlotLabel): void {
    const at = slot * recordBytes;
    while (at + recordBytes > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#bytes.length || firstBytes)]);
    }
    encodeRecord(label, this.#bytes, at);
  }

  get(slot: number): SlotLabel | undefined {
    return decodeRecord(this.#bytes, slot * recordBytes);
  }

  /** Those of some neighbouring slots, as they are now. */
  slice(firstSlot: number, count: number): Buffer {
    const start = firstSlot * recordBytes;
    return Buffer.from(this.#bytes.subarray(start, start + count * recordBytes));
  }
}
