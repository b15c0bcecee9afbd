import { statfs } from 'node:fs/promises';

const memoryTypes = new Set([0x01_02_19_94, 0x85_84_58_f6]);

/** What is free for us in the file system of a folder, and whether that is memory (tmpfs, ramfs). */
export async function freeSpaceOf(
  folder: string,
): Promise<{ readonly freeBytes: number | undefined; readonly isMemory: boolean }> {
  const { type, blocks, bavail, bsize } = await statfs(folder);
  // A ramfs, which a kernel may unpack its ramdisk into, knows no limit and says nothing.
  return { freeBytes: blocks === 0 ? undefined : bavail * bsize, isMemory: memoryTypes.has(type) };
}
