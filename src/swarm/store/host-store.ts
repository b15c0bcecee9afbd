import { rmdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf } from '../../runtime/errors.ts';
import { type FolderLock, tryLockFolder } from '../../runtime/folder-lock.ts';
import type { Log } from '../../runtime/log.ts';
import type { StoreChoice, StorePlace, StoreStatus } from '../types.ts';
import { freeSpaceOf } from './free-space.ts';
import { makeFolder } from './make-folder.ts';
import { planMove } from './plan-move.ts';
import { planStoreSize } from './plan-size.ts';
import { SlotFile, type Slots } from './slot-file.ts';
import { StoreError } from './store-error.ts';
import { slotBytes, storedBytesIn } from './store-folder.ts';
import { readMoved, writeMoved } from './store-moves.ts';

/** The store of a process: where it is, and where it goes. */
export type HostStore = {
  readonly slots: Slots;
  readonly status: () => StoreStatus;
  /** Resolves with the new place. Throws StoreError; the store then goes on where it was. */
  readonly move: (to: StoreChoice) => Promise<StorePlace>;
  /** Leaves the disk, with nothing left on it: pieces are in memory only from now on. */
  readonly leave: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Without a usable place, pieces are in memory only, until the store moves to another one. */
export async function openHostStore(choice: StoreChoice | undefined, log: Log): Promise<HostStore> {
  const file = new SlotFile();
  const home = choice && (await openHome(file, choice, log));
  let place = home?.place;

  /** Moves that have not ended. */
  const moves = new Set<Promise<unknown>>();
  const run = (moving: Promise<void>) => {
    moves.add(moving);
    return moving.finally(() => moves.delete(moving));
  };

  const moveOnce = async (folder: string, to: StoreChoice): Promise<StorePlace> => {
    if (place !== undefined && folder === place.folder) return place;
    const sizeBytes = to.sizeBytes ?? (await planMove(folder, place));
    await run(file.move({ folder, sizeBytes }));
    if (file.folder !== folder) throw new StoreError('unusable', 'the store has left meanwhile');
    const from = place?.folder;
    place = { folder, sizeBytes };
    await home?.clear(from);
    await home?.note(place).catch((error: unknown) => {
      log.warn('a restart will not find the store', { path: folder, reason: messageOf(error) });
    });
    log.info('store moved', { path: folder, from, sizeBytes });
    return place;
  };

  let running: { readonly folder: string; readonly moved: Promise<StorePlace> } | undefined;
  /** Who asks again while it moves there waits for the same. */
  const move = (to: StoreChoice): Promise<StorePlace> => {
    const folder = resolve(to.folder);
    if (running?.folder === folder) return running.moved;
    const moved = moveOnce(folder, to);
    if (running === undefined) {
      running = { folder, moved };
      const end = () => {
        running = undefined;
      };
      moved.then(end, end);
    }
    return moved;
  };

  const leaveBy = async (letGo: () => Promise<void>) => {
    const from = place?.folder;
    place = undefined;
    await letGo();
    await home?.clear(from);
    await home?.note(undefined).catch(() => {});
  };

  return {
    slots: file,
    status: () => ({
      folder: place?.folder,
      sizeBytes: place?.sizeBytes ?? 0,
      capacityBytes: file.capacitySlots * slotBytes,
    }),
    move,
    leave: () => leaveBy(() => file.leave()),
    close: async () => {
      await leaveBy(() => file.close());
      // A move ends with that, and takes away what it has brought.
      await Promise.allSettled(moves);
      await home?.release();
    },
  };
}

type Home = {
  readonly place: StorePlace | undefined;
  /** Notes for a restart where the store is. */
  readonly note: (place: StorePlace | undefined) => Promise<void>;
  /** Takes another folder away that was left, unless something else is in it. */
  readonly clear: (folder: string | undefined) => Promise<void>;
  readonly release: () => Promise<void>;
};

/** Undefined: it cannot be used, the log says why. */
async function openHome(file: SlotFile, choice: StoreChoice, log: Log): Promise<Home | undefined> {
  const folder = resolve(choice.folder);
  let lock: FolderLock | undefined;
  try {
    await makeFolder(folder);
    lock = await tryLockFolder(folder, 'agent');
    if (lock === undefined) throw new StoreError('in-use', 'another agent uses it');
    const place = (await openMoved(file, folder, log)) ?? (await openAt(file, folder, choice));
    log.info('store opened', {
      path: place.folder,
      sizeBytes: place.sizeBytes,
      pieces: file.foundPieces,
    });
    const { release } = lock;
    return {
      place,
      note: (now) => writeMoved(folder, now?.folder === folder ? undefined : now),
      clear: async (left) => {
        if (left !== undefined && left !== folder) await rmdir(left).catch(() => {});
      },
      release: async () => {
        await rmdir(folder).catch(() => {});
        await release();
      },
    };
  } catch (error) {
    await lock?.release();
    const reason = messageOf(error);
    log.error('store cannot be used, pieces stay in memory', { path: folder, reason });
    return undefined;
  }
}

async function openAt(file: SlotFile, folder: string, choice: StoreChoice): Promise<StorePlace> {
  const sizeBytes = choice.sizeBytes ?? (await planSize(folder));
  await file.open({ folder, sizeBytes });
  await writeMoved(folder, undefined);
  return { folder, sizeBytes };
}

/** Where an earlier process had moved it to, if it is there still. */
async function openMoved(file: SlotFile, home: string, log: Log): Promise<StorePlace | undefined> {
  const moved = await readMoved(home);
  if (moved === undefined) return undefined;
  try {
    // Nothing is made there: the disk may not be mounted.
    if ((await storedBytesIn(moved.folder)) === undefined) throw new Error('no store is there');
    await file.open(moved);
    return moved;
  } catch (error) {
    log.warn('store not found where it had moved', {
      path: moved.folder,
      reason: messageOf(error),
    });
    return undefined;
  }
}

async function planSize(folder: string): Promise<number> {
  return planStoreSize({
    availableMemoryBytes: process.availableMemory(),
    freeBytes: (await freeSpaceOf(folder)).freeBytes,
    leftBytes: (await storedBytesIn(folder)) ?? 0,
  });
}
