import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { hasErrorCode } from './errors.ts';

export type FolderLock = { readonly release: () => Promise<void> };

/**
 * Takes a folder for this process, for one purpose. Resolves with undefined when another process,
 * or this one, has it. The lock is a name among the kernel's abstract sockets, made of the folder's
 * device, inode and time of birth (a new folder gets the inode of one that was just removed): it is
 * given back however this process ends, leaves nothing on the disk, and does not see processes in
 * another network namespace.
 */
export async function tryLockFolder(
  folder: string,
  purpose: string,
): Promise<FolderLock | undefined> {
  const { dev, ino, birthtimeNs } = await stat(folder, { bigint: true });
  const server = createServer((socket) => socket.destroy()).unref();
  try {
    await listen(server, `\0scree-${purpose}-${dev}-${ino}-${birthtimeNs}`);
  } catch (error) {
    if (hasErrorCode(error, 'EADDRINUSE')) return undefined;
    throw error;
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      server.on('error', () => {});
      resolve();
    });
  });
}
