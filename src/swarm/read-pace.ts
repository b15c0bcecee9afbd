import type { Socket } from 'node:net';
import { atBeat, beatMs } from '../runtime/beat.ts';
import { readingOf } from './socket-handle.ts';

export const fullReadBytes = 128 * 1024;
/** So much a connection brings while its ends still find out how much fits into it. */
const openingBytes = 1024 * 1024;
const openingReadBytes = 16 * 1024;
/**
 * So much may come in while nothing is read. Who does not read does not acknowledge either, and a
 * sender stops when what he has under way is what he trusts the network with.
 */
const restBytes = 256 * 1024;

/** Where a connection stood when it last began to rest. */
type Rest = { readonly atMs: number; readonly bytes: number };

const rests = new WeakMap<Socket, Rest>();
const resting = new Set<Socket>();

/**
 * Called after each read. On a network that is slower than this machine every packet would wake
 * the process for 1,448 bytes; a read that brought little is therefore followed by a rest until the
 * next beat, in which the kernel collects. Full reads are not: there the network is the faster one.
 * What brings more than is good in a beat rests for a part of it.
 */
export function restAfterRead(socket: Socket, readBytes: number): void {
  if (readBytes >= fullReadBytes) return;
  if (readBytes >= openingReadBytes && socket.bytesRead < openingBytes) return;
  const reading = readingOf(socket);
  if (reading === undefined) return;
  reading.readStop();
  const forMs = restOf(socket);
  if (forMs < beatMs) return void setTimeout(() => readingOf(socket)?.readStart(), forMs);
  if (resting.size === 0) atBeat(0, endRest);
  resting.add(socket);
}

function restOf(socket: Socket): number {
  const before = rests.get(socket) ?? { atMs: Number.NEGATIVE_INFINITY, bytes: 0 };
  const now = { atMs: performance.now(), bytes: socket.bytesRead };
  rests.set(socket, now);
  return restMs(now.bytes - before.bytes, now.atMs - before.atMs);
}

/** How long a connection rests that has brought so many bytes in so many milliseconds. */
export function restMs(broughtBytes: number, inMs: number): number {
  return Math.min(beatMs, (restBytes / broughtBytes) * inMs);
}

function endRest(): void {
  const sockets = [...resting];
  resting.clear();
  for (const socket of sockets) readingOf(socket)?.readStart();
}
