import type { Socket } from 'node:net';
import { atBeat, beatMs } from '../runtime/beat.ts';
import { readingOf } from './socket-handle.ts';

export const fullReadBytes = 128 * 1024;
/** So much a connection brings while its ends still find out how much fits into it. */
const openingBytes = 1024 * 1024;
const openingReadBytes = 16 * 1024;

const resting = new Set<Socket>();
let restBeganAtMs = Number.NEGATIVE_INFINITY;
let readSinceBytes = 0;

/**
 * Called after each read. On a network that is slower than this machine every packet would wake
 * the process for 1,448 bytes; a read that brought little is therefore followed by a rest, in which
 * the kernel collects. Full reads are not: there the network is the faster one.
 */
export function restAfterRead(socket: Socket, readBytes: number): void {
  readSinceBytes += readBytes;
  if (readBytes >= fullReadBytes) return;
  if (readBytes >= openingReadBytes && socket.bytesRead < openingBytes) return;
  const reading = readingOf(socket);
  if (reading === undefined) return;
  reading.readStop();
  if (resting.size === 0) beginRest();
  resting.add(socket);
}

/**
 * For how long nothing is read where so much was read in so long, over all connections: until the
 * next beat, or above 70 Mbit/s until about one full read has come. Who does not read hardly
 * acknowledges, and a sender stops when it has sent what it trusts the network with.
 */
export function restMs(readBytes: number, inMs: number): number {
  const fullReadMs = (fullReadBytes / readBytes) * inMs;
  return fullReadMs < beatMs / 2 ? fullReadMs : beatMs;
}

function beginRest(): void {
  const nowMs = performance.now();
  const forMs = restMs(readSinceBytes, nowMs - restBeganAtMs);
  restBeganAtMs = nowMs;
  readSinceBytes = 0;
  // The runtime cuts fractions off, down to 1 ms: rather too short than too long.
  if (forMs < beatMs) setTimeout(endRest, forMs);
  else atBeat(0, endRest);
}

function endRest(): void {
  const sockets = [...resting];
  resting.clear();
  for (const socket of sockets) readingOf(socket)?.readStart();
}
