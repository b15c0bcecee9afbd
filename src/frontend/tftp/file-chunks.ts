import type { WaitingLine } from '../waiting-line.ts';
import type { ChunkMemory, KeptChunk } from './chunk-memory.ts';
import { TftpFileError } from './errors.ts';
import type { TftpFile } from './types.ts';

/** Longer than any block, so that a block lies in two chunks at most. */
export const chunkBytes = 64 * 1024;

type Chunk = KeptChunk & {
  isLoaded: boolean;
  /** Its memory is to be copied from before anything else happens. */
  readonly loading: Promise<void>;
};

/** A range that begins in one chunk, and may go on in the next. */
type Range = { readonly chunk: Chunk; readonly from: number; readonly next: Chunk | undefined };

type Deps = { readonly memory: ChunkMemory; readonly turns: WaitingLine };

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

  /** See FileView. Rejects as the file's `read`, or with TftpFileError. */
  copyTo(target: Buffer, offsetBytes: number): Promise<Buffer> | undefined {
    if (target.length === 0) return undefined;
    const first = Math.floor(offsetBytes / chunkBytes);
    const last = Math.floor((offsetBytes + target.length - 1) / chunkBytes);
    const from = offsetBytes - first * chunkBytes;
    const chunk = this.#chunk(first);
    const next = first === last ? undefined : this.#chunk(last);
    this.#readAhead(last + 1);
    if (!chunk.isLoaded || next?.isLoaded === false) {
      return gather({ chunk, from, next }, target.length);
    }
    this.#deps.memory.use(chunk);
    const copied = chunk.memory.copy(target, 0, from);
    if (next === undefined) return undefined;
    this.#deps.memory.use(next);
    next.memory.copy(target, copied);
    return undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const chunk of this.#chunks.values()) this.#deps.memory.release(chunk);
    this.#chunks.clear();
    await this.#file.close();
  }

  #chunk(index: number): Chunk {
    return this.#chunks.get(index) ?? this.#load(index);
  }

  /** The disk reads while the network sends; not when it has enough to do already. */
  #readAhead(index: number): void {
    if (index * chunkBytes >= this.sizeBytes || this.#chunks.has(index)) return;
    if (!this.#deps.turns.isFull) this.#load(index);
  }

  #load(index: number): Chunk {
    const sizeBytes = Math.min(chunkBytes, this.sizeBytes - index * chunkBytes);
    const memory = this.#deps.memory.take(sizeBytes);
    const chunk: Chunk = {
      memory,
      isLoaded: false,
      loading: this.#deps.turns.run(() => this.#read(memory, index * chunkBytes)),
      forget: () => this.#chunks.delete(index),
    };
    this.#chunks.set(index, chunk);
    chunk.loading.then(
      () => this.#keep(index, chunk),
      () => this.#drop(index, chunk),
    );
    return chunk;
  }

  #keep(index: number, chunk: Chunk): void {
    if (this.#chunks.get(index) !== chunk) return this.#drop(index, chunk);
    chunk.isLoaded = true;
    this.#deps.memory.keep(chunk);
  }

  /** Whoever waits for it is told; the next one tries again. */
  #drop(index: number, chunk: Chunk): void {
    if (this.#chunks.get(index) === chunk) this.#chunks.delete(index);
    this.#deps.memory.giveBack(chunk.memory);
  }

  async #read(memory: Buffer, offsetBytes: number): Promise<void> {
    // Its descriptor may be another file's by now.
    if (this.#isClosed) throw new TftpFileError('closed', 'expected an open file, it is closed');
    const count = await this.#file.read(memory, offsetBytes);
    if (count === memory.length) return;
    throw new TftpFileError(
      'changed',
      `expected ${memory.length} bytes at ${offsetBytes}, got ${count}: the file became shorter while it was sent`,
    );
  }
}

async function gather({ chunk, from, next }: Range, lengthBytes: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(lengthBytes);
  const inFirst = Math.min(chunk.memory.length - from, lengthBytes);
  const copyFirst = () => chunk.memory.copy(bytes, 0, from);
  const copyNext = () => next?.memory.copy(bytes, inFirst);
  await Promise.all([
    chunk.isLoaded ? copyFirst() : chunk.loading.then(copyFirst),
    next?.isLoaded ? copyNext() : next?.loading.then(copyNext),
  ]);
  return bytes;
}
