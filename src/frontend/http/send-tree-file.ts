import type { ServerResponse } from 'node:http';
import { contentTypeOf, planFileResponse } from '../../protocol/http-file.ts';
import type { PlacedFile } from '../../protocol/tree-index.ts';
import type { Generation } from '../trees/types.ts';
import type { Exchange } from './install-handler.ts';
import { requestFacts, sendPlan, sendText } from './replies.ts';
import type { Slots } from './slots.ts';

export type TreeFileDeps = {
  readonly fallbackSlots: Slots;
  /** Hears of every part of a file that is handed to a client. */
  readonly onSent: (sizeBytes: number) => void;
};

/**
 * Answers a GET or HEAD of a tree's file with bytes that are what was hashed, or rejects with
 * TreeError. Ranges that agents ask for in need have a limited number of places.
 */
export function createTreeFileSender(deps: TreeFileDeps) {
  return async (exchange: Exchange, generation: Generation, file: PlacedFile): Promise<void> => {
    const isFallback = exchange.request.headers['x-scree-fallback'] !== undefined;
    if (!isFallback) return send(deps, exchange, generation, file);
    const giveBack = deps.fallbackSlots.take();
    if (giveBack === undefined) return refuseForNow(exchange.response);
    try {
      await send(deps, exchange, generation, file);
    } finally {
      giveBack();
    }
  };
}

async function send(
  { onSent }: TreeFileDeps,
  { request, response }: Exchange,
  generation: Generation,
  { file }: PlacedFile,
): Promise<void> {
  const plan = planFileResponse(requestFacts(request), {
    sizeBytes: file.size,
    etag: `"${file.sha256.slice(0, 32)}"`,
    lastModified: new Date(file.mtimeMs),
    contentType: contentTypeOf(file.path),
  });
  if (plan.status === 200 || plan.status === 206) await generation.check(file);
  await sendPlan(response, plan, async function* (range) {
    for await (const chunk of generation.read(file, range)) {
      onSent(chunk.length);
      yield chunk;
    }
  });
}

function refuseForNow(response: ServerResponse): void {
  const text = 'expected a free place for a fallback range, found none; ask again in a second';
  sendText(response, 503, text, { 'retry-after': '1' });
}
