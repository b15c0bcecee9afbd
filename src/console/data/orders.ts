import type { NodeDocument } from '../../frontend/nodes/documents.ts';
import type { PendingOrder } from '../racks/plan-order.ts';
import { apiPath, ask } from './api.ts';
import { createStore } from './store.ts';

type Answer = { readonly nodes: readonly NodeDocument[] };

/** What all of these boot next. Rejects with ApiError; then nothing has changed. */
export async function giveOrder(selection: readonly string[], action: string): Promise<void> {
  await ask<Answer>('POST', apiPath('/nodes/boot'), { body: { selection, action } });
}

/** How many machines boot again what they were to boot before. Rejects with ApiError. */
export async function undo({ names, atMs }: PendingOrder): Promise<number> {
  const body = { selection: names, orderedAtMs: atMs };
  const { nodes } = await ask<Answer>('POST', apiPath('/nodes/undo'), { body });
  return nodes.length;
}

const key = 'scree-dismissed-orders';
const mostDismissed = 50;

/** Those that somebody does not want to see here any more. */
export const dismissedOrders = createStore<readonly string[]>(readDismissed());

export function dismiss(order: PendingOrder): void {
  const dismissed = [order.key, ...dismissedOrders.get()].slice(0, mostDismissed);
  dismissedOrders.set(dismissed);
  try {
    localStorage.setItem(key, JSON.stringify(dismissed));
  } catch {
    // Then it is so until the page is left.
  }
}

function readDismissed(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
    return Array.isArray(kept) ? kept.map(String) : [];
  } catch {
    return [];
  }
}
