import { AgentError } from './errors.ts';
import { readFromFrontend, type Sink, type StreamRange } from './frontend-reader.ts';
import type { Limits } from './limits.ts';
import type { Tree } from './tree.ts';

export type ByteOrigin = 'swarm' | 'frontend';

export type TreeReaderDeps = {
  readonly limits: Limits;
  readonly onBytes: (origin: ByteOrigin, sizeBytes: number) => void;
};

/**
 * Writes the verified bytes of a range of a tree's stream: from the swarm, and from the byte on
 * where that fails, from the frontend. Exactly the range, or it rejects.
 */
export async function readTree(
  tree: Tree,
  range: StreamRange,
  { limits, onBytes, signal, write }: TreeReaderDeps & Sink,
): Promise<void> {
  let at = range.startByte;
  const sinkFor = (origin: ByteOrigin): Sink => ({
    signal,
    write: (bytes) => {
      if (at + bytes.length > range.endByte) throw tooMuch(range.endByte - at, bytes.length);
      at += bytes.length;
      onBytes(origin, bytes.length);
      return write(bytes);
    },
  });
  await readSwarm(tree, range, sinkFor('swarm'));
  const rest = { startByte: at, endByte: range.endByte };
  const reader = { ...limits, metainfo: tree.metainfo, fallback: tree.fallback };
  await readFromFrontend(reader, rest, sinkFor('frontend'));
}

/** Ends early, without an error, when the swarm fails, or gives nothing for too long. */
async function readSwarm(tree: Tree, range: StreamRange, sink: Sink): Promise<void> {
  try {
    await tree.swarm()?.read(range, { ...sink, patienceMs: tree.patienceMs() });
  } catch (error) {
    sink.signal.throwIfAborted();
    tree.noteFailure(error);
  }
}

function tooMuch(expectedBytes: number, gotBytes: number): AgentError {
  return new AgentError('cut', `expected ${expectedBytes} bytes more, got ${gotBytes}`);
}
