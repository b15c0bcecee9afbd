import type { TreeSwarm } from '../swarm/types.ts';
import { AgentError } from './errors.ts';
import { readFromFrontend, type StreamRange } from './frontend-reader.ts';
import type { Limits } from './limits.ts';
import type { Tree } from './tree.ts';
import { within } from './within.ts';

export type ByteOrigin = 'swarm' | 'frontend';

export type TreeReaderDeps = {
  readonly limits: Limits;
  readonly onBytes: (origin: ByteOrigin, sizeBytes: number) => void;
};

/**
 * The verified bytes of a range of a tree's stream: from the swarm, and from the byte on where
 * that fails, from the frontend. Yields exactly the range, or throws.
 */
export async function* readTree(
  tree: Tree,
  range: StreamRange,
  deps: TreeReaderDeps & { readonly signal: AbortSignal },
): AsyncGenerator<Buffer> {
  let at = range.startByte;
  const swarm = tree.swarm();
  const patience = { patienceMs: tree.patienceMs(), onFailure: tree.noteFailure };
  const fromSwarm =
    swarm === undefined ? [] : readSwarm(swarm, range, { ...patience, signal: deps.signal });
  for await (const chunk of fromSwarm) {
    at += chunk.length;
    deps.onBytes('swarm', chunk.length);
    yield chunk;
  }
  const rest = { startByte: at, endByte: range.endByte };
  const reader = { ...deps.limits, metainfo: tree.metainfo, fallback: tree.fallback };
  for await (const chunk of readFromFrontend(reader, rest, deps.signal)) {
    deps.onBytes('frontend', chunk.length);
    yield chunk;
  }
}

type SwarmReader = {
  readonly signal: AbortSignal;
  readonly patienceMs: number;
  readonly onFailure: (error: unknown) => void;
};

/** Ends early, without an error, when the swarm fails, or gives nothing for too long. */
async function* readSwarm(
  swarm: TreeSwarm,
  range: StreamRange,
  { signal, patienceMs, onFailure }: SwarmReader,
): AsyncGenerator<Buffer> {
  const leave = new AbortController();
  const chunks = swarm.read(range, AbortSignal.any([signal, leave.signal]))[Symbol.asyncIterator]();
  let leftBytes = range.endByte - range.startByte;
  try {
    while (leftBytes > 0) {
      const next = await within(chunks.next(), patienceMs, () => silent(patienceMs));
      if (next.done === true) throw cut(`${leftBytes} bytes more`, 'its end');
      if (next.value.length > leftBytes) throw cut(`${leftBytes} bytes`, `${next.value.length}`);
      leftBytes -= next.value.length;
      yield next.value;
    }
  } catch (error) {
    signal.throwIfAborted();
    onFailure(error);
  } finally {
    leave.abort();
    // It may never answer; nothing waits for it.
    chunks.return?.().catch(() => {});
  }
}

function silent(patienceMs: number): AgentError {
  return new AgentError('stalled', `expected bytes from the swarm within ${patienceMs} ms`);
}

function cut(expected: string, got: string): AgentError {
  return new AgentError('cut', `expected ${expected} from the swarm, got ${got}`);
}
