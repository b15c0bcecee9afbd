import type { Socket } from 'node:net';

/** How long a socket that had little to read is left alone, so that more comes together. */
const restMs = 8;
const fullReadBytes = 16 * 1024;

const resting = new Set<Socket>();

/**
 * Called after each read. On a network that is slower than this machine every packet would wake
 * the process for 1,448 bytes; a read that brought little is therefore followed by a rest, in
 * which the kernel collects. Full reads are not: there the network is the faster one.
 */
export function restAfterRead(socket: Socket, readBytes: number): void {
  if (readBytes >= fullReadBytes) return;
  const handle = handleOf(socket);
  if (handle === undefined) return;
  handle.readStop();
  if (resting.size === 0) setTimeout(endRest, restMs);
  resting.add(socket);
}

function endRest(): void {
  const sockets = [...resting];
  resting.clear();
  for (const socket of sockets) handleOf(socket)?.readStart();
}

type Handle = { readonly readStop: () => void; readonly readStart: () => void };

/**
 * Node stops reading at once by its own means only where one side opened the socket (`onread`);
 * `pause` reads on until a buffer is full. Both sides need it here, so this asks the handle.
 */
function handleOf(socket: Socket): Handle | undefined {
  if (socket.destroyed || !('_handle' in socket)) return undefined;
  const handle = socket._handle as Partial<Handle> | null;
  const canRest = typeof handle?.readStop === 'function' && typeof handle.readStart === 'function';
  return canRest ? (handle as Handle) : undefined;
}
