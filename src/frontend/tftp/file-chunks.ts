import type { WaitingLine } from '../waiting-line.ts';
import type { ChunkMemory, KeptChunk } from './chunk-memory.ts';
import { TftpFileError } from './errors.ts';
import type { TftpFile } from './types.ts';

/** Longer than any block, so that a block lies in two chunks at most. */
export const chunkBytes = 64 * 1024;

type Chunk = KeptChunk & {
  bytes: Buffer | undefined;
  readonly loading: Promise<Buffer>;
};

type Deps = { readonly memory: ChunkMemory; readonly turns: WaitingLine };

const noBytes = Buffer.alloc(0);

/** An open file, read chunk by chunk; what is in memory is there at once. */
export class FileChunks {
  readonly #file: TftpFile;
  readonly #deps: Deps;
  readonly #chunks = new Map<number, Chunk>();
  #isClosed = false;

  constructor(file: TftpFile, deps: Deps) {
    this.#file = file;
    this.#deps = deps;
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  /** The range has to lie in the file. Rejects as the file's `read`, or with TftpFileError. */
  bytesAt(offsetBytes: number, lengthBytes: number): Buffer | Promise<Buffer> {
    if (lengthBytes === 0) return noBytes;
    const first = Math.floor(offsetBytes / chunkBytes);
    const last = Math.floor((offsetBytes + lengthBytes - 1) / chunkBytes);
    const from = offsetBytes - first * chunkBytes;
    const bytes = this.#chunk(first);
    const rest = first === last ? noBytes : this.#chunk(last);
    this.#readAhead(last + 1);
    if (bytes instanceof Promise || rest instanceof Promise) {
      return Promise.all([bytes, rest]).then((both) => cut(both, from, lengthBytes));
    }
    return cut([bytes, rest], from, lengthBytes);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const chunk of this.#chunks.values()) this.#deps.memory.release(chunk);
    this.#chunks.clear();
    await this.#file.close();
  }

  #chunk(index: number): Buffer | Promise<Buffer> {
    const chunk = this.#chunks.get(index) ?? this.#load(index);
    if (chunk.bytes === undefined) return chunk.loading;
    this.#deps.memory.use(chunk);
    return chunk.bytes;
  }

  /** The disk reads while the network sends; not when it has enough to do already. */
  #readAhead(index: number): void {
    if (index * chunkBytes >= this.sizeBytes || this.#chunks.has(index)) return;
    if (!this.#deps.turns.isFull) this.#load(index);
  }

  #load(index: number): Chunk {
    const sizeBytes = Math.min(chunkBytes, this.sizeBytes - index * chunkBytes);
    const chunk: Chunk = {
      sizeBytes,
      bytes: undefined,
      loading: this.#deps.turns.run(() => this.#read(index * chunkBytes, sizeBytes)),
      forget: () => this.#chunks.delete(index),
    };
    this.#chunks.set(index, chunk);
    chunk.loading.then(
      (bytes) => this.#keep(index, chunk, bytes),
      // Whoever waits for it is told; the next one tries again.
      () => chunk.forget(),
    );
    return chunk;
  }

  #keep(index: number, chunk: Chunk, bytes: Buffer): void {
    if (this.#isClosed || this.#chunks.get(index) !== chunk) return;
    chunk.bytes = bytes;
    this.#deps.memory.keep(chunk);
  }

  async #read(offsetBytes: number, lengthBytes: number): Promise<Buffer> {
    const bytes = await this.#file.read(offsetBytes, lengthBytes);
    if (bytes.length === lengthBytes) return bytes;
    throw new TftpFileError(
      'changed',
      `expected ${lengthBytes} bytes at ${offsetBytes}, got ${bytes.length}: the file became shorter while it was sent`,
    );
  }
}

/** A range that begins in the first chunk, and may go on in the second. */
function cut([chunk, next]: readonly [Buffer, Buffer], from: number, lengthBytes: number): Buffer {
  const bytes = chunk.subarray(from, from + lengthBytes);
  if (bytes.length === lengthBytes) return bytes;
  return Buffer.concat([bytes, next.subarray(0, lengthBytes - bytes.length)]);
}
