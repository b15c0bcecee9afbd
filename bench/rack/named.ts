import { setTimeout as delay } from 'node:timers/promises';
import { sum } from '../../src/simulator/sum.ts';
import type { ScreeFrontend } from './scree-frontend.ts';

/** Bad peers, and when each was named in /stats.json. */
export type NamedWatch = {
  /** From now on it is to be named. */
  readonly offends: (name: string) => void;
  /** Looks until the signal. */
  readonly watch: (signal: AbortSignal) => Promise<void>;
  /** Seconds from the offence to the name; null: it is not there yet. */
  readonly seconds: () => Readonly<Record<string, number | null>>;
};

const lookEveryMs = 250;

export function createNamedWatch(
  frontend: Pick<ScreeFrontend, 'readStats'>,
  peers: readonly { readonly name: string; readonly ip: string }[],
): NamedWatch {
  const offendedAtMs = new Map<string, number>();
  const namedAtMs = new Map<string, number>();
  /** What was said of it before it offended is not counted. */
  const saidBefore = new Map<string, number>();
  const look = async (): Promise<void> => {
    const { offenders } = await frontend.readStats();
    for (const { name, ip } of peers) {
      const said = sum(offenders.flatMap((each) => (each.address === ip ? [each.reports] : [])));
      if (!offendedAtMs.has(name)) saidBefore.set(name, said);
      else if (said > (saidBefore.get(name) ?? 0) && !namedAtMs.has(name)) {
        namedAtMs.set(name, performance.now());
      }
    }
  };
  return {
    offends: (name) => {
      if (!offendedAtMs.has(name)) offendedAtMs.set(name, performance.now());
    },
    watch: async (signal) => {
      while (!signal.aborted) {
        await look();
        await delay(lookEveryMs, undefined, { signal }).catch(() => {});
      }
    },
    seconds: () =>
      Object.fromEntries(
        peers.map(({ name }) => {
          const from = offendedAtMs.get(name);
          const to = namedAtMs.get(name);
          const isKnown = from !== undefined && to !== undefined;
          return [name, isKnown ? Math.max(0, to - from) / 1000 : null];
        }),
      ),
  };
}
