import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metainfo } from '../protocol/metainfo.ts';
import type { RangeFallback, ReadOptions } from '../swarm/types.ts';
import { AgentError } from './errors.ts';

export type StreamRange = { readonly startByte: number; readonly endByte: number };

/** Where bytes go, and until when; as in `TreeSwarm.read`. */
export type Sink = Pick<ReadOptions, 'signal' | 'write'>;

export type FrontendReader = {
  readonly metainfo: Metainfo;
  readonly fallback: RangeFallback;
  /** How long one fetch goes on while the frontend is away. */
  readonly reconnectMs: number;
  /** How long one fetch goes on while the frontend is busy. */
  readonly stallMs: number;
};

const fetchAimBytes = 512 * 1024;
const pauseMs = 500;

/**
 * Writes bytes `[startByte, endByte)` of a tree's stream from the frontend, past the swarm: whole
 * pieces are fetched and verified, so that no byte is passed on that the torrent does not vouch
 * for. Rejects with AgentError.
 */
export async function readFromFrontend(
  reader: FrontendReader,
  range: StreamRange,
  { signal, write }: Sink,
): Promise<void> {
  const { pieceLengthBytes, totalSizeBytes } = reader.metainfo;
  const stepBytes = Math.max(1, Math.floor(fetchAimBytes / pieceLengthBytes)) * pieceLengthBytes;
  let at = range.startByte;
  while (at < range.endByte) {
    const start = at - (at % pieceLengthBytes);
    const wantedEnd = Math.ceil(range.endByte / pieceLengthBytes) * pieceLengthBytes;
    const end = Math.min(start + stepBytes, wantedEnd, totalSizeBytes);
    const bytes = await fetchPatiently(reader, { startByte: start, endByte: end }, signal);
    verifyPieces(reader.metainfo, start, bytes);
    const until = Math.min(end, range.endByte);
    await write(bytes.subarray(at - start, until - start));
    at = until;
  }
}

async function fetchPatiently(
  { fallback, reconnectMs, stallMs }: FrontendReader,
  { startByte, endByte }: StreamRange,
  signal: AbortSignal,
): Promise<Buffer> {
  const startMs = performance.now();
  for (;;) {
    const failure = await fallback.fetch(startByte, endByte - startByte, signal).then(
      (bytes) => bytes ?? busy(stallMs),
      (error: unknown) => error,
    );
    if (failure instanceof Buffer) return failure;
    signal.throwIfAborted();
    const isBusy = failure instanceof AgentError && failure.code === 'stalled';
    const isAway = failure instanceof AgentError && /^(unreachable|cut)$/.test(failure.code);
    const patienceMs = isBusy ? stallMs : isAway ? reconnectMs : 0;
    if (performance.now() - startMs >= patienceMs) throw failure;
    await sleep(pauseMs * (0.5 + Math.random()), undefined, { signal });
  }
}

function busy(stallMs: number): AgentError {
  const text = `expected the frontend to have room for a fallback within ${stallMs} ms, it was busy`;
  return new AgentError('stalled', text);
}

function verifyPieces(
  { pieceLengthBytes, pieceHashes }: Metainfo,
  at: number,
  bytes: Buffer,
): void {
  for (let start = 0; start < bytes.length; start += pieceLengthBytes) {
    const piece = (at + start) / pieceLengthBytes;
    const digest = createHash('sha1')
      .update(bytes.subarray(start, start + pieceLengthBytes))
      .digest();
    if (digest.equals(pieceHashes.subarray(piece * 20, piece * 20 + 20))) continue;
    const text = `expected piece ${piece} as the torrent has it, got other bytes from the frontend`;
    throw new AgentError('unverified', text);
  }
}
