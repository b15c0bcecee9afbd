import { type BootOrder, orderedBoot } from './boot-state.ts';
import type { MachineNode } from './types.ts';

export type OrderMoment = {
  readonly nowMs: number;
  /** Who orders it, as the audit log tells; undefined: nobody in particular. */
  readonly by: string | undefined;
};

/**
 * The node after an operator's order, with what it was before: until it has booted, the order can
 * be taken back. An install that was on its way is cut off by an order, and does not come back.
 */
export function orderedWithUndo(
  before: MachineNode,
  order: BootOrder,
  { nowMs, by }: OrderMoment,
): MachineNode {
  const after = orderedBoot(before, order, nowMs);
  // Ordered already: what that order can be undone to stays.
  if (after.bootState === before.bootState && after.bootAction === before.bootAction) return after;
  if (before.bootState === 'booting' || before.bootState === 'installing') return after;
  const { bootAction, bootState, bootReason, stateAtMs, installNumber } = before;
  const was = { bootAction, bootState, bootReason, stateAtMs, installNumber };
  return { ...after, undo: { ...was, orderedAtMs: nowMs, by } };
}

/** The node as if it had not been ordered what it was; the same object where it cannot be undone. */
export function undoneBoot(node: MachineNode): MachineNode {
  if (node.undo === undefined) return node;
  const { undo, ...others } = node;
  const { orderedAtMs, by, ...was } = undo;
  return { ...others, ...was };
}
