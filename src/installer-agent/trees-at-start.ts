import { setTimeout as sleep } from 'node:timers/promises';
import { documentLimits, type Limits } from './limits.ts';
import type { TreeId } from './open-tree.ts';
import type { TreeListSource } from './tree-list.ts';
import type { TreeSlot } from './tree-slot.ts';

export type StartContext = {
  readonly list: TreeListSource;
  readonly slots: Map<string, TreeSlot>;
  readonly open: (id: TreeId, offeredKey: string | undefined) => TreeSlot;
  readonly limits: Limits;
  readonly signal: AbortSignal;
};

const longestPauseMs = 60_000;

/**
 * Opens all trees before anybody asks for one, so that they can be had when the frontend stops
 * later. Goes on, with growing pauses, until each was opened or refused. Never rejects.
 */
export async function openAllTrees(context: StartContext): Promise<void> {
  const { signal, limits } = context;
  let pauseMs = limits.firstListMs;
  while (!signal.aborted && !(await openListed(context))) {
    await sleep(pauseMs, undefined, { signal }).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

/** One at a time, for the memory's sake. Resolves true when nothing is left to be tried again. */
async function openListed({ list, slots, open, limits, signal }: StartContext): Promise<boolean> {
  try {
    const { listFreshMs: freshMs, firstListMs: patienceMs } = limits;
    const { trees, publicKey } = await list.get({ freshMs, patienceMs });
    let isComplete = true;
    for (const id of trees.slice(0, documentLimits.trees)) {
      const known = slots.get(id.name);
      const slot = known?.state()?.kind === 'unavailable' ? undefined : known;
      const opened = slot ?? open(id, publicKey);
      slots.set(id.name, opened);
      if ((await opened.opening).kind === 'unavailable') isComplete = false;
      if (signal.aborted) return true;
    }
    return isComplete;
  } catch {
    return false;
  }
}
