import type { NodeDocument } from '../../frontend/nodes/documents.ts';
import type { GivenOrder, OrderAction, OrderedNode } from '../racks/plan-order.ts';
import { ApiError, apiPath, ask } from './api.ts';
import { bootActions } from './boot-actions.ts';
import { createStore } from './store.ts';

/** Orders of this page that can perhaps be undone, the latest first. */
export const givenOrders = createStore<readonly GivenOrder[]>([]);

const mostOrders = 5;
let lastId = 0;

type Answer = { readonly nodes: readonly NodeDocument[] };

/** Rejects with ApiError; then nothing has changed. */
export async function giveOrder(
  before: readonly OrderedNode[],
  action: OrderAction,
): Promise<GivenOrder> {
  const { nodes } = await boot(
    before.map(({ name }) => name),
    action.name,
  );
  lastId += 1;
  const after = new Map(nodes.map((node) => [node.name, node]));
  const installing = bootActions.get().filter(({ installs }) => installs);
  const installActions = new Set(installing.map(({ name }) => name));
  const order = { id: lastId, atMs: Date.now(), action, before, after, installActions };
  givenOrders.set([order, ...givenOrders.get()].slice(0, mostOrders));
  return order;
}

/** How many machines boot again what they were to boot before. Rejects with ApiError. */
export async function undo(
  order: GivenOrder,
  parts: readonly { readonly action: string; readonly selection: readonly string[] }[],
): Promise<number> {
  let count = 0;
  for (const { action, selection } of parts) {
    try {
      count += (await boot(selection, action)).nodes.length;
    } catch (error) {
      // All of them have booted in this very moment.
      if (!(error instanceof ApiError && error.code === 'nothing-selected')) throw error;
    }
  }
  forget(order);
  return count;
}

export function forget({ id }: GivenOrder): void {
  givenOrders.set(givenOrders.get().filter((each) => each.id !== id));
}

function boot(selection: readonly string[], action: string): Promise<Answer> {
  return ask<Answer>('POST', apiPath('/nodes/boot'), { body: { selection, action } });
}
