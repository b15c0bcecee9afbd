/** Which pieces there are: one bit a piece, the highest bit of the first byte is piece 0 (BEP 3). */
export class Bitfield {
  readonly length: number;
  readonly bytes: Uint8Array;
  #count = 0;

  constructor(length: number) {
    this.length = length;
    this.bytes = new Uint8Array(Math.ceil(length / 8));
  }

  /** Undefined when the size is wrong or a spare bit at the end is set, as BEP 3 forbids. */
  static parse(bytes: Uint8Array, length: number): Bitfield | undefined {
    const field = new Bitfield(length);
    if (bytes.length !== field.bytes.length) return undefined;
    const spareBits = field.bytes.length * 8 - length;
    const last = bytes.at(-1) ?? 0;
    if ((last & ((1 << spareBits) - 1)) !== 0) return undefined;
    field.bytes.set(bytes);
    for (let piece = 0; piece < length; piece += 1) if (field.has(piece)) field.#count += 1;
    return field;
  }

  /** How many bits are set. */
  get count(): number {
    return this.#count;
  }

  get isComplete(): boolean {
    return this.#count === this.length;
  }

  has(piece: number): boolean {
    return ((this.bytes[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
  }

  /** Returns true when this changed something. */
  add(piece: number): boolean {
    if (piece < 0 || piece >= this.length || this.has(piece)) return false;
    this.bytes[piece >> 3] = (this.bytes[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
    this.#count += 1;
    return true;
  }

  /** Returns true when this changed something. */
  remove(piece: number): boolean {
    if (piece < 0 || piece >= this.length || !this.has(piece)) return false;
    this.bytes[piece >> 3] = (this.bytes[piece >> 3] ?? 0) & ~(0x80 >> (piece & 7));
    this.#count -= 1;
    return true;
  }

  addAll(): void {
    for (let piece = 0; piece < this.length; piece += 1) this.add(piece);
  }
}
