import { close, open } from 'node:fs';
import { promisify } from 'node:util';
import { openFlags } from './location.ts';

const openFile = promisify(open);
const closeFile = promisify(close);

/** Open files, each opened once for all who read it, and the longest unused closed first. */
export type Descriptors = {
  readonly use: <Result>(path: string, work: (file: number) => Promise<Result>) => Promise<Result>;
  /** Whoever comes next opens the path anew. */
  readonly forget: (path: string) => void;
  readonly close: () => Promise<void>;
};

type Entry = { readonly opening: Promise<number>; users: number; isForgotten: boolean };

/** At most `limit` files stay open while nobody reads them. */
export function createDescriptors(limit: number): Descriptors {
  const entries = new Map<string, Entry>();
  const closing = new Set<Promise<void>>();

  const closeEntry = (entry: Entry) => {
    const closed = entry.opening.then(closeFile).catch(() => {});
    closing.add(closed);
    void closed.then(() => closing.delete(closed));
  };
  const forget = (path: string) => {
    const entry = entries.get(path);
    if (entry === undefined) return;
    entries.delete(path);
    entry.isForgotten = true;
    if (entry.users === 0) closeEntry(entry);
  };
  const forgetUnused = () => {
    for (const [path, entry] of entries) {
      if (entries.size <= limit) return;
      if (entry.users === 0) forget(path);
    }
  };
  const take = (path: string): Entry => {
    const entry = entries.get(path) ?? {
      ...{ opening: openFile(path, openFlags), users: 0, isForgotten: false },
    };
    entry.users += 1;
    // Map keeps the order of insertion: the longest unused stands first.
    entries.delete(path);
    entries.set(path, entry);
    return entry;
  };
  const giveBack = (entry: Entry) => {
    entry.users -= 1;
    if (entry.users === 0 && entry.isForgotten) closeEntry(entry);
    forgetUnused();
  };
  return {
    forget,
    use: async (path, work) => {
      const entry = take(path);
      try {
        return await work(await entry.opening);
      } catch (error) {
        if (!(await isOpen(entry))) forget(path);
        throw error;
      } finally {
        giveBack(entry);
      }
    },
    close: async () => {
      for (const path of [...entries.keys()]) forget(path);
      await Promise.all(closing);
    },
  };
}

function isOpen(entry: Entry): Promise<boolean> {
  return entry.opening.then(
    () => true,
    () => false,
  );
}
