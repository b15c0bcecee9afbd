/** Free memory beyond this is given back. */
const keptBytes = 4 * 1024 * 1024;

/**
 * The bytes of one piece, in memory that several may hold at once and that is used again when the
 * last of them lets go. To forget a `release` costs only that memory; whoever has released must
 * not look at the bytes again.
 */
export class PieceBuffer {
  readonly bytes: Buffer;
  readonly #onFree: () => void;
  #holders = 1;

  constructor(bytes: Buffer, onFree: () => void) {
    this.bytes = bytes;
    this.#onFree = onFree;
  }

  /** One more holder. Only who holds it already may call this. */
  hold(): this {
    this.#holders += 1;
    return this;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#onFree();
  }
}

/**
 * Memory for the pieces of a torrent. A new buffer for each would have the garbage collector walk
 * the whole heap every few megabytes: a fifth of all that an agent computed.
 */
export class PieceBuffers {
  readonly #pieceLengthBytes: number;
  readonly #free: Buffer[] = [];

  constructor(pieceLengthBytes: number) {
    this.#pieceLengthBytes = pieceLengthBytes;
  }

  /** Held by the caller; what is in it is left from before. */
  take(sizeBytes: number): PieceBuffer {
    const whole = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#pieceLengthBytes);
    const bytes = sizeBytes === whole.length ? whole : whole.subarray(0, sizeBytes);
    return new PieceBuffer(bytes, () => this.#giveBack(whole));
  }

  /** A copy. */
  takeFor(bytes: Buffer): PieceBuffer {
    const buffer = this.take(bytes.length);
    buffer.bytes.set(bytes);
    return buffer;
  }

  #giveBack(whole: Buffer): void {
    if ((this.#free.length + 1) * this.#pieceLengthBytes <= keptBytes) this.#free.push(whole);
  }
}
