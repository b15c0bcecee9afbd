import type { Socket } from 'node:net';
import { readingOf } from './socket-handle.ts';

/** How long a socket that had little to read is left alone, so that more comes together. */
export const restMs = 8;
export const fullReadBytes = 128 * 1024;

const resting = new Set<Socket>();

/**
 * Called after each read. On a network that is slower than this machine every packet would wake
 * the process for 1,448 bytes; a read that brought little is therefore followed by a rest, in
 * which the kernel collects. Full reads are not: there the network is the faster one.
 */
export function restAfterRead(socket: Socket, readBytes: number): void {
  if (readBytes >= fullReadBytes) return;
  const reading = readingOf(socket);
  if (reading === undefined) return;
  reading.readStop();
  if (resting.size === 0) setTimeout(endRest, restMs);
  resting.add(socket);
}

function endRest(): void {
  const sockets = [...resting];
  resting.clear();
  for (const socket of sockets) readingOf(socket)?.readStart();
}
