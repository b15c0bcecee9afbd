import { PieceBuffer, PieceBuffers } from '../../swarm/store/piece-buffers.ts';

/** Memory that is the same for all pieces of all nodes, as nobody looks at it. */
export class PieceMemory extends PieceBuffers {
  readonly #bySize = new Map<number, PieceBuffer>();
  #bytes: Buffer = Buffer.alloc(0);

  override take(sizeBytes: number): PieceBuffer {
    const known = this.#bySize.get(sizeBytes);
    if (known !== undefined) return known;
    const buffer = new PieceBuffer(this.bytes(sizeBytes), () => {});
    this.#bySize.set(sizeBytes, buffer);
    return buffer;
  }

  override takeFor(bytes: Buffer): PieceBuffer {
    return this.take(bytes.length);
  }

  bytes(sizeBytes: number): Buffer {
    if (this.#bytes.length < sizeBytes) this.#bytes = Buffer.alloc(sizeBytes);
    return this.#bytes.subarray(0, sizeBytes);
  }
}
