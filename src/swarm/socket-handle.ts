import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';

/**
 * What stands behind a socket of Node. Two things can be had from it alone, and each saves an
 * agent a tenth of its work; the runtime is pinned, so that it is what it is here.
 */
type Handle = { readonly readStop: () => void; readonly readStart: () => void };

/**
 * Stops and starts reading at once. Node's own way does so only where this side opened the
 * socket; elsewhere `pause` reads on until a buffer is full.
 */
export function readingOf(socket: Socket): Handle | undefined {
  const handle = socket.destroyed ? undefined : handleOf(socket);
  const canStop = typeof handle?.readStop === 'function' && typeof handle.readStart === 'function';
  return canStop ? (handle as Handle) : undefined;
}

/**
 * The same connection as a socket that reads into a buffer of ours, which Node allows only for
 * sockets that this side opens: for others it allocates 64 KiB for every read. To be called when
 * the connection has just been accepted; `accepted` is of no use any more.
 */
export function readInto(accepted: Socket, onread: OnReadOpts): Socket {
  const handle = handleOf(accepted);
  if (handle === null || handle === undefined) return accepted;
  Object.assign(accepted, { _handle: null });
  accepted.destroy();
  return new Socket({ handle, onread } as SocketConstructorOpts);
}

function handleOf(socket: Socket): Partial<Handle> | null | undefined {
  return '_handle' in socket ? (socket._handle as Partial<Handle> | null) : undefined;
}
