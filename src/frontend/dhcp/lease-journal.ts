import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '../../runtime/errors.ts';
import { writeFileAtomic } from '../../runtime/files.ts';
import { LeaseError } from './lease-error.ts';

/** How many lines are added before the file is written anew, besides as many as it began with. */
const addedLinesLimit = 20_000;

export type LeaseJournalConfig = {
  readonly path: string;
  /** All lines that are to stand in the file now, those that were added before among them. */
  readonly render: () => readonly string[];
};

type Batch = { readonly lines: string[]; readonly written: PromiseWithResolvers<void> };

/**
 * A file of lines that is only added to. What came while the disk was busy goes out together: one
 * fsync for all answers of that time. It is written anew when it has grown, and after a failed
 * write, whose half line would spoil the next.
 */
export class LeaseJournal {
  readonly #path: string;
  readonly #render: () => readonly string[];
  #handle: FileHandle | undefined;
  #next: Batch | undefined;
  #running: Promise<void> | undefined;
  #untilRewriteCount = 0;
  #isClosed = false;

  constructor({ path, render }: LeaseJournalConfig) {
    this.#path = path;
    this.#render = render;
  }

  /** Resolves when the line is on the disk. Rejects with LeaseError. */
  add(line: string): Promise<void> {
    if (this.#isClosed) {
      const message = `expected an open lease journal, '${this.#path}' was closed`;
      return Promise.reject(new LeaseError('closed', message));
    }
    this.#next ??= { lines: [], written: Promise.withResolvers() };
    this.#next.lines.push(line);
    const { promise } = this.#next.written;
    this.#running ??= this.#run();
    return promise;
  }

  /** Writes the file anew, with what `render` gives. Rejects with LeaseError `unwritable`. */
  async rewrite(): Promise<void> {
    const lines = this.#render();
    this.#untilRewriteCount = 0;
    try {
      await this.#handle?.close();
      this.#handle = undefined;
      await writeFileAtomic(this.#path, lines.join(''));
      this.#handle = await open(this.#path, 'a');
    } catch (cause) {
      throw this.#unwritable(cause);
    }
    this.#untilRewriteCount = addedLinesLimit + lines.length;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #run(): Promise<void> {
    // All packets of one turn of the event loop share one write.
    await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.#next; batch !== undefined; batch = this.#next) {
      this.#next = undefined;
      await this.#write(batch);
    }
    this.#running = undefined;
  }

  async #write({ lines, written }: Batch): Promise<void> {
    try {
      this.#untilRewriteCount -= lines.length;
      if (this.#handle === undefined || this.#untilRewriteCount < 0) await this.rewrite();
      else await this.#append(this.#handle, lines.join(''));
      written.resolve();
    } catch (error) {
      written.reject(error);
    }
  }

  async #append(handle: FileHandle, text: string): Promise<void> {
    try {
      await handle.appendFile(text);
      await handle.datasync();
    } catch (cause) {
      this.#untilRewriteCount = 0;
      throw this.#unwritable(cause);
    }
  }

  #unwritable(cause: unknown): LeaseError {
    const message = `expected to write the leases to '${this.#path}', got: ${messageOf(cause)}; no address is given away until that works`;
    return new LeaseError('unwritable', message, { cause });
  }
}
