import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { type GenerationCache, readGenerations } from './state-generations.ts';
import type { CatalogEntry, TrackerCatalog } from './types.ts';

export type StateCatalog = TrackerCatalog & {
  /** Reads the state folder now; never rejects. */
  readonly refresh: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/**
 * The torrents of a state folder that another program (the frontend, `scree tree add`) writes to,
 * looked at again every few seconds. Only what has changed is read.
 */
export function createStateCatalog(
  { log }: { readonly log: Log },
  config: { readonly stateFolder: string; readonly rereadMs: number },
): StateCatalog {
  let entries: ReadonlyMap<string, CatalogEntry> = new Map();
  let cache: GenerationCache = new Map();
  let reading = Promise.resolve();

  const read = async (): Promise<void> => {
    try {
      cache = await readGenerations({ log, cache }, config.stateFolder);
      const all = cache.values().flatMap((each) => each.entries);
      entries = new Map(all.map((entry) => [entry.infohash, entry]));
    } catch (error) {
      log.warn('trees not read', { path: config.stateFolder, reason: messageOf(error) });
    }
  };
  const refresh = (): Promise<void> => {
    reading = reading.then(read);
    return reading;
  };
  const timer = setInterval(() => void refresh(), config.rereadMs).unref();

  return {
    has: (infohash) => entries.has(infohash),
    nameOf: (infohash) => entries.get(infohash)?.name,
    sizeOf: (infohash) => entries.get(infohash)?.totalSizeBytes,
    list: () => [...entries.values()],
    refresh,
    close: async () => {
      clearInterval(timer);
      await reading;
    },
  };
}
