import type { TreeId, TreeState } from './open-tree.ts';

/** One generation of a tree, from the moment on that it is being opened. */
export type TreeSlot = {
  readonly id: TreeId;
  readonly opening: Promise<TreeState>;
  /** Undefined while it is being opened. */
  readonly state: () => TreeState | undefined;
  readonly settledAtMs: () => number;
  wasAskedFor: boolean;
};

export function createSlot(id: TreeId, opening: Promise<TreeState>): TreeSlot {
  let state: TreeState | undefined;
  let settledAtMs = 0;
  const watched = opening.then((result) => {
    state = result;
    settledAtMs = performance.now();
    return result;
  });
  return {
    id,
    opening: watched,
    state: () => state,
    settledAtMs: () => settledAtMs,
    wasAskedFor: false,
  };
}

/** False for a tree whose opening failed longer ago than that. */
export function mayBeUsed(slot: TreeSlot, failureFreshMs: number): boolean {
  const state = slot.state();
  if (state === undefined || state.kind === 'ready') return true;
  return performance.now() - slot.settledAtMs() < failureFreshMs;
}

export function isSameTree(one: TreeId, other: TreeId): boolean {
  return one.generation === other.generation && one.infohash === other.infohash;
}

export async function useSlot(slot: TreeSlot): Promise<TreeState> {
  slot.wasAskedFor = true;
  const state = await slot.opening;
  if (state.kind === 'ready') void state.tree.join();
  return state;
}

export async function closeSlot({ opening }: TreeSlot): Promise<void> {
  const state = await opening;
  if (state.kind === 'ready') await state.tree.close();
}
