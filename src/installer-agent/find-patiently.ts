import { setTimeout as sleep } from 'node:timers/promises';
import type { FoundTree } from './found-tree.ts';
import type { Limits } from './limits.ts';
import type { TreeState } from './open-tree.ts';
import type { TreeSlot } from './tree-slot.ts';

type Patience = Pick<Limits, 'openMs' | 'absentMs'>;

/**
 * What is found when it can be had, or is refused, or `openMs` is over: an installer that is told
 * of a failure gives up, though all may be well a moment later. A tree that is not listed is waited
 * for too, not as long. An attempt that is under way at the end is waited for.
 */
export async function findPatiently(
  find: () => Promise<FoundTree>,
  options: Patience & Pick<Limits, 'reopenMs'> & { readonly signal: AbortSignal },
): Promise<FoundTree> {
  const { reopenMs, signal } = options;
  const startMs = performance.now();
  for (;;) {
    const found = await find();
    const leftMs = startMs + patienceWith(found, options) - performance.now();
    if (leftMs <= 0 || signal.aborted) return found;
    await sleep(Math.min(reopenMs, leftMs), undefined, { signal }).catch(() => {});
  }
}

function patienceWith({ kind }: FoundTree, { openMs, absentMs }: Patience): number {
  if (kind === 'unavailable' || kind === 'unreachable') return openMs;
  return kind === 'absent' ? Math.min(absentMs, openMs) : 0;
}

/** How soon a tree that could not be opened is tried again, however many wait for it. */
export type ReopenPace = {
  /** One of this name was opened, or not. */
  readonly note: (name: string, outcome: TreeState['kind']) => void;
  /** How long its state counts as known, in milliseconds. */
  readonly of: (slot: TreeSlot) => number;
};

/** What is refused is nothing that passes: it counts as known for as long as the list does. */
export function createReopenPace(limits: Pick<Limits, 'reopenMs' | 'listFreshMs'>): ReopenPace {
  const failures = new Map<string, number>();
  return {
    note: (name, outcome) => {
      if (outcome === 'unavailable') failures.set(name, (failures.get(name) ?? 0) + 1);
      else failures.delete(name);
    },
    of: ({ id, state }) => {
      const count = failures.get(id.name);
      if (count === undefined || state()?.kind === 'refused') return limits.listFreshMs;
      return limits.reopenMs * 2 ** Math.min(3, count - 1);
    },
  };
}
