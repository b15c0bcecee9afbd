import type { Socket } from 'node:net';
import { atBeat } from '../runtime/beat.ts';
import { readingOf } from './socket-handle.ts';

export const fullReadBytes = 128 * 1024;
/** So much a connection brings while its ends still find out how much fits into it. */
const openingBytes = 1024 * 1024;
const openingReadBytes = 16 * 1024;

const resting = new Set<Socket>();

/**
 * Called after each read. On a network that is slower than this machine every packet would wake
 * the process for 1,448 bytes; a read that brought little is therefore followed by a rest until the
 * next beat, in which the kernel collects. Full reads are not: there the network is the faster one.
 */
export function restAfterRead(socket: Socket, readBytes: number): void {
  if (readBytes >= fullReadBytes) return;
  if (readBytes >= openingReadBytes && socket.bytesRead < openingBytes) return;
  const reading = readingOf(socket);
  if (reading === undefined) return;
  reading.readStop();
  if (resting.size === 0) atBeat(0, endRest);
  resting.add(socket);
}

function endRest(): void {
  const sockets = [...resting];
  resting.clear();
  for (const socket of sockets) readingOf(socket)?.readStart();
}
