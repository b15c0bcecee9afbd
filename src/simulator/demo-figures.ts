import * as v from 'valibot';

/** Where a node's bytes came from. */
export type NodeFigures = {
  readonly fromPeersBytes: number;
  /** By the swarm and by HTTP. */
  readonly fromFrontendBytes: number;
};

export const noFigures: NodeFigures = { fromPeersBytes: 0, fromFrontendBytes: 0 };

const statusSchema = v.object({
  fromFrontendBytes: v.number(),
  passedThroughBytes: v.number(),
  trees: v.array(
    v.object({
      counters: v.optional(
        v.object({
          receivedFromFrontendBytes: v.number(),
          receivedFromPeersBytes: v.number(),
          receivedByHttpBytes: v.number(),
        }),
      ),
    }),
  ),
});

const statsSchema = v.object({
  frontend: v.object({ sentToPeersBytes: v.number(), sentByHttpBytes: v.number() }),
});

/** What an agent says of itself. Throws when it does not answer, or nonsense. */
export async function fetchNodeFigures(proxy: string): Promise<NodeFigures> {
  const status = v.parse(statusSchema, await fetchJson(`${proxy}/agent/status`));
  let fromPeersBytes = 0;
  let fromFrontendBytes = status.fromFrontendBytes + status.passedThroughBytes;
  for (const { counters } of status.trees) {
    fromPeersBytes += counters?.receivedFromPeersBytes ?? 0;
    fromFrontendBytes += counters?.receivedFromFrontendBytes ?? 0;
    fromFrontendBytes += counters?.receivedByHttpBytes ?? 0;
  }
  return { fromPeersBytes, fromFrontendBytes };
}

/** All bytes of files and pieces that left the frontend. Throws like `fetchNodeFigures`. */
export async function fetchSentBytes(frontend: string): Promise<number> {
  const stats = v.parse(statsSchema, await fetchJson(`${frontend}/stats.json`));
  return stats.frontend.sentToPeersBytes + stats.frontend.sentByHttpBytes;
}

/** From 0 to 1; 0 before anything came. */
export function shareFromPeers({ fromPeersBytes, fromFrontendBytes }: NodeFigures): number {
  const allBytes = fromPeersBytes + fromFrontendBytes;
  return allBytes === 0 ? 0 : fromPeersBytes / allBytes;
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return response.json();
}
