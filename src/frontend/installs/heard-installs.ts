import type { MachineNode } from '../nodes/types.ts';
import type { HeardRows, LastHeard } from './heard-rows.ts';

/**
 * What was heard of the installs that are on their way. It is in memory, and in the database after
 * `keep`: not every request of a machine is worth a write.
 */
export type HeardInstalls = {
  /** Nothing for a node that is not on its way, nor for an install that is not its latest. */
  readonly note: (node: MachineNode, what: string) => void;
  /** Its loader asks what to boot. Returns how often it has begun to boot for this install. */
  readonly began: (node: MachineNode) => number;
  readonly of: (node: MachineNode) => LastHeard | undefined;
  /** Writes what is new, and forgets installs that are over. Throws DatabaseError. */
  readonly keep: () => void;
};

export type HeardInstallsDeps = {
  readonly rows: HeardRows;
  readonly byName: (name: string) => MachineNode | undefined;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
};

/** A loader asks under several names in a row; no machine starts twice within so short a time. */
const sameBootMs = 15_000;
const longestWhat = 150;

/** Throws DatabaseError. */
export function createHeardInstalls({ rows, byName, nowMs }: HeardInstallsDeps): HeardInstalls {
  const heard = new Map(rows.read());
  const fresh = new Set<string>();
  const latest = ({ name, installNumber }: MachineNode): LastHeard | undefined => {
    const entry = heard.get(name);
    return entry?.installNumber === installNumber ? entry : undefined;
  };
  const put = (name: string, entry: LastHeard): void => {
    heard.set(name, entry);
    fresh.add(name);
  };
  return {
    note: (node, what) => {
      const { name, installNumber } = node;
      const current = byName(name);
      if (current?.installNumber !== installNumber || !isOnItsWay(current)) return;
      const { boots, bootAtMs } = latest(node) ?? { boots: 0, bootAtMs: 0 };
      put(name, { installNumber, atMs: nowMs(), what: shown(what), boots, bootAtMs });
    },
    began: (node) => {
      const { name, installNumber } = node;
      const before = latest(node) ?? { boots: 0, bootAtMs: 0 };
      const atMs = nowMs();
      const isNew = Math.abs(atMs - before.bootAtMs) >= sameBootMs;
      const boots = before.boots + (isNew ? 1 : 0);
      const bootAtMs = isNew ? atMs : before.bootAtMs;
      put(name, { installNumber, atMs, what: 'asked what to boot', boots, bootAtMs });
      return boots;
    },
    of: latest,
    keep: () => {
      for (const [name, { installNumber }] of heard) {
        const node = byName(name);
        if (node?.installNumber === installNumber && isOnItsWay(node)) continue;
        heard.delete(name);
        fresh.delete(name);
      }
      if (fresh.size === 0) return;
      rows.keep(new Map([...heard].filter(([name]) => fresh.has(name))));
      fresh.clear();
    },
  };
}

/** Its install has begun, and is not over. */
export function isOnItsWay({ bootState }: MachineNode): boolean {
  return bootState === 'booting' || bootState === 'installing';
}

/** Paths and the like come from machines: they stand in one line, and move no cursor. */
function shown(what: string): string {
  const line = what.toWellFormed().replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.slice(0, longestWhat);
}
