import { createHash, type Hash } from 'node:crypto';

/** The SHA-1 of each piece of a stream (BEP 3), and the SHA-256 of all of it. */
export class FileHasher {
  readonly #pieceLengthBytes: number;
  readonly #whole = createHash('sha256');
  readonly #pieces: Buffer[] = [];
  #piece: Hash = createHash('sha1');
  #pieceBytes = 0;

  constructor(pieceLengthBytes: number) {
    this.#pieceLengthBytes = pieceLengthBytes;
  }

  update(chunk: Buffer): void {
    this.#whole.update(chunk);
    let rest = chunk;
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#pieceLengthBytes - this.#pieceBytes);
      this.#piece.update(part);
      this.#pieceBytes += part.length;
      rest = rest.subarray(part.length);
      if (this.#pieceBytes === this.#pieceLengthBytes) this.#endPiece();
    }
  }

  digest(): { readonly pieceHashes: Buffer; readonly sha256: string } {
    if (this.#pieceBytes > 0) this.#endPiece();
    return { pieceHashes: Buffer.concat(this.#pieces), sha256: this.#whole.digest('hex') };
  }

  #endPiece(): void {
    this.#pieces.push(this.#piece.digest());
    this.#piece = createHash('sha1');
    this.#pieceBytes = 0;
  }
}
