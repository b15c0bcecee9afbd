import type { DiscoverEvent } from '../../frontend/discover/documents.ts';
import { ApiError, apiPath } from './api.ts';

type Order = { readonly rack: number; readonly role: string; readonly signal: AbortSignal };

/** Resolves when it has ended. Rejects with ApiError, or when it was broken off. */
export async function discover(
  { rack, role, signal }: Order,
  onEvent: (event: DiscoverEvent) => void,
): Promise<void> {
  const response = await fetch(apiPath('/discover'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rack, role }),
    signal,
  });
  if (!response.ok || response.body === null) {
    const answer: unknown = await response.json().catch(() => ({}));
    const { error = `The frontend answered ${response.status}.` } = answer as { error?: string };
    throw new ApiError(response.status, '', error);
  }
  // What an event source reads; but that one cannot send an order.
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = `${rest}${value}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) onEvent(JSON.parse(data));
    }
  }
}
