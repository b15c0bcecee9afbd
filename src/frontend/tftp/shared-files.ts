import { WaitingLine } from '../waiting-line.ts';
import { ChunkMemory } from './chunk-memory.ts';
import { chunkBytes, FileChunks } from './file-chunks.ts';
import type { TftpFile } from './types.ts';

/** A file as a transfer sees it. */
export type FileView = {
  readonly sizeBytes: number;
  /**
   * Fills the target with the bytes from there on, which have to be the file's; where they are not
   * in memory they follow, and the target is left as it is. Rejects when it cannot be read.
   */
  readonly copyTo: (target: Buffer, offsetBytes: number) => Promise<Buffer> | undefined;
  readonly close: () => Promise<void>;
};

type Entry = { readonly chunks: FileChunks; users: number };

const maximumReads = 16;

/**
 * The files of all transfers. Those of one identity are opened and read once for all: a rack that
 * boots asks for one kernel many times within seconds.
 */
export class SharedFiles {
  readonly #deps: { readonly memory: ChunkMemory; readonly turns: WaitingLine };
  readonly #entries = new Map<string, Entry>();

  constructor(config: { readonly memoryBytes: number }) {
    this.#deps = {
      memory: new ChunkMemory({ budgetBytes: config.memoryBytes, chunkBytes }),
      turns: new WaitingLine({ workers: maximumReads, longest: 0 }),
    };
  }

  /** What is kept in memory of all files. */
  get usedBytes(): number {
    return this.#deps.memory.usedBytes;
  }

  /** Takes the file over, and closes it when nobody uses it any more. */
  async share(file: TftpFile): Promise<FileView> {
    const { identity } = file;
    if (identity === undefined) return new FileChunks(file, this.#deps);
    const known = this.#entries.get(identity);
    const entry = known ?? { chunks: new FileChunks(file, this.#deps), users: 0 };
    entry.users += 1;
    this.#entries.set(identity, entry);
    // One that cannot be closed is no reason to keep the client from what is open already.
    if (known !== undefined) await file.close().catch(() => {});
    return this.#view(identity, entry);
  }

  #view(identity: string, entry: Entry): FileView {
    let isClosed = false;
    return {
      sizeBytes: entry.chunks.sizeBytes,
      copyTo: (target, offsetBytes) => entry.chunks.copyTo(target, offsetBytes),
      close: async () => {
        if (isClosed) return;
        isClosed = true;
        entry.users -= 1;
        if (entry.users > 0) return;
        this.#entries.delete(identity);
        await entry.chunks.close();
      },
    };
  }
}
