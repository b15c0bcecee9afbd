import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf } from '../../runtime/errors.ts';
import { type FolderLock, tryLockFolder } from '../../runtime/folder-lock.ts';
import { makeFolder } from './make-folder.ts';
import { SlotReads } from './slot-reads.ts';
import { recordBytes } from './slot-records.ts';
import { StoreError } from './store-error.ts';

export const slotBytes = 64 * 1024;

const piecesName = 'scree-pieces';
const indexName = 'scree-index';

/**
 * A store on a disk: a file of slots of 64 KiB, and an index, the record of what each slot
 * holds, written after it. Killed at any instant, what does not match its record is told by its
 * hash. Both belong to whoever has opened the folder, and to nobody else.
 */
export class StoreFolder {
  readonly path: string;
  readonly #pieces: FileHandle;
  readonly #index: FileHandle;
  readonly #reads: SlotReads;
  readonly #lock: FolderLock;
  #closed: Promise<void> | undefined;

  constructor(path: string, { pieces, index, lock }: OpenedFiles) {
    this.path = path;
    this.#pieces = pieces;
    this.#index = index;
    this.#lock = lock;
    this.#reads = new SlotReads(pieces.fd, slotBytes);
  }

  /** The records of the first slots, and how many slots there are; the rest is cut off. */
  async readIndex(mostSlots: number): Promise<{ slotCount: number; records: Buffer }> {
    const { size } = await this.#pieces.stat();
    const slotCount = Math.min(mostSlots, Math.ceil(size / slotBytes));
    await this.#pieces.truncate(Math.min(size, slotCount * slotBytes));
    const records = Buffer.alloc(slotCount * recordBytes);
    await this.#index.read(records, 0, records.length, 0);
    return { slotCount, records };
  }

  /** As `SlotFile.read`. */
  read(slot: number, into: Buffer): Promise<void> | undefined {
    if (this.#closed !== undefined) throw new StoreError('unreadable', 'the store is closed');
    return this.#reads.read(slot, into);
  }

  /** Writes neighbouring slots; throws when any byte was not written. */
  async write(firstSlot: number, buffers: readonly Buffer[]): Promise<void> {
    const sizeBytes = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
    const { bytesWritten } = await this.#pieces.writev([...buffers], firstSlot * slotBytes);
    if (bytesWritten < sizeBytes) throw new Error(`took ${bytesWritten} of ${sizeBytes} bytes`);
  }

  /** Says what lies in slots that were written. Where that fails, the next process knows less. */
  async writeRecords(firstSlot: number, records: Buffer): Promise<void> {
    await this.#index.write(records, 0, records.length, firstSlot * recordBytes).catch(() => {});
  }

  /** What was written is on the disk, or this rejects. */
  async sync(): Promise<void> {
    await this.#pieces.datasync();
  }

  /** Closes the files and takes them away. */
  remove(): Promise<void> {
    this.#closed ??= this.#remove();
    return this.#closed;
  }

  async #remove(): Promise<void> {
    // Nothing may be under way then: a descriptor's number is soon that of something else.
    await this.#reads.settled();
    await removeFiles(this.path);
    await Promise.allSettled([this.#pieces.close(), this.#index.close()]);
    await this.#lock.release();
  }
}

type OpenedFiles = {
  readonly pieces: FileHandle;
  readonly index: FileHandle;
  readonly lock: FolderLock;
};

/**
 * Opens the store in a folder, which is made if need be. `fresh`: what lies there is forgotten.
 * Throws StoreError `unusable` or `in-use`.
 */
export async function openStoreFolder(
  folder: string,
  content: 'kept' | 'fresh',
): Promise<StoreFolder> {
  const path = resolve(folder);
  const lock = await lockNew(path);
  try {
    const pieces = await openOwn(join(path, piecesName), content);
    try {
      const index = await openOwn(join(path, indexName), content);
      return new StoreFolder(path, { pieces, index, lock });
    } catch (error) {
      await pieces.close();
      throw error;
    }
  } catch (cause) {
    await lock.release();
    throw unusable(path, cause);
  }
}

/** How much an earlier process has left in a folder; undefined: no store is there. */
export async function storedBytesIn(folder: string): Promise<number | undefined> {
  const status = await lstat(join(folder, piecesName)).catch(() => undefined);
  return status?.isFile() === true ? status.size : undefined;
}

async function lockNew(path: string): Promise<FolderLock> {
  let lock: FolderLock | undefined;
  try {
    await makeFolder(path);
    lock = await tryLockFolder(path, 'store');
  } catch (cause) {
    throw unusable(path, cause);
  }
  if (lock !== undefined) return lock;
  throw new StoreError('in-use', `expected a folder that no agent uses, '${path}' is in use`);
}

function unusable(path: string, cause: unknown): StoreError {
  const text = `expected a folder for pieces at '${path}', got ${messageOf(cause)}`;
  return new StoreError('unusable', text, { cause });
}

const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/** A file of ours alone: no link that somebody has put there, and no file of somebody else. */
async function openOwn(path: string, content: 'kept' | 'fresh'): Promise<FileHandle> {
  const kept = content === 'kept' ? await openKept(path) : undefined;
  if (kept !== undefined) return kept;
  await rm(path, { force: true });
  return open(path, flags | constants.O_EXCL, 0o600);
}

async function openKept(path: string): Promise<FileHandle | undefined> {
  const handle = await open(path, flags | constants.O_NONBLOCK, 0o600).catch(() => undefined);
  const status = await handle?.stat();
  if (status?.isFile() && status.nlink === 1 && status.uid === process.getuid?.()) return handle;
  await handle?.close();
  return undefined;
}

async function removeFiles(path: string): Promise<void> {
  await Promise.allSettled([piecesName, indexName].map((name) => rm(join(path, name))));
}
