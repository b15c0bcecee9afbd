import type { Socket } from 'node:net';
import { atBeat, beatMs } from '../runtime/beat.ts';
import { readingOf } from './socket-handle.ts';

export const fullReadBytes = 128 * 1024;
/** So much a connection brings while its ends still find out how much fits into it. */
const openingBytes = 1024 * 1024;
const openingReadBytes = 16 * 1024;

const resting = new Set<Socket>();
let restedAtMs = Number.NEGATIVE_INFINITY;
let arrivedBytes = 0;

/**
 * Called after each read. On a network that is slower than this machine every packet would wake
 * the process for 1,448 bytes; a read that brought little is therefore followed by a rest until the
 * next beat, in which the kernel collects. Full reads are not: there the network is the faster one.
 */
export function restAfterRead(socket: Socket, readBytes: number): void {
  arrivedBytes += readBytes;
  if (readBytes >= fullReadBytes) return;
  if (readBytes >= openingReadBytes && socket.bytesRead < openingBytes) return;
  const reading = readingOf(socket);
  if (reading === undefined) return;
  reading.readStop();
  if (resting.size === 0) beginRest();
  resting.add(socket);
}

/**
 * For how long nothing is read where so much came in over so long, over all connections: until the
 * next beat, or on a fast line until about one full read has come. Who does not read does not
 * acknowledge either, and a sender stops when it has sent what it trusts the network with.
 */
export function restMs(broughtBytes: number, inMs: number): number {
  const fullReadMs = (fullReadBytes / broughtBytes) * inMs;
  return fullReadMs < beatMs / 2 ? fullReadMs : beatMs;
}

function beginRest(): void {
  const nowMs = performance.now();
  const forMs = restMs(arrivedBytes, nowMs - restedAtMs);
  restedAtMs = nowMs;
  arrivedBytes = 0;
  if (forMs < beatMs) setTimeout(endRest, forMs);
  else atBeat(0, endRest);
}

function endRest(): void {
  const sockets = [...resting];
  resting.clear();
  for (const socket of sockets) readingOf(socket)?.readStart();
}
