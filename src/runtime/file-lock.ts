import { rmSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type FileLock = { readonly release: () => void };

const attempts = 10;

/**
 * Takes a lock that the kernel gives back when this process ends in whatever way. Resolves with
 * undefined when somebody else has it. The lock's file is gone after `release`.
 */
export async function tryLockFile(path: string): Promise<FileLock | undefined> {
  await mkdir(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const before = inodeOf(path);
    const database = lockWithSqlite(path);
    if (database === undefined) return undefined;
    // The one before us may have removed the file between our opening and locking it.
    if (before !== undefined && before === inodeOf(path))
      return { release: releaser(path, database) };
    database.close();
  }
  return undefined;
}

/** Node has no flock; SQLite locks files with fcntl, and sees its own process's locks too. */
function lockWithSqlite(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

function isBusy(error: unknown): boolean {
  const busy = 5;
  return error instanceof Error && 'errcode' in error && error.errcode === busy;
}

function inodeOf(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev}:${stat.ino}`;
}

function releaser(path: string, database: DatabaseSync): () => void {
  let released = false;
  return () => {
    if (released) return;
    released = true;
    rmSync(path, { force: true });
    database.close();
  };
}
