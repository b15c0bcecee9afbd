import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

export type UdpEndpoint = { readonly address: string; readonly port: number };

/** A port of its own for one transfer (RFC 1350's TID). */
export type TransferSocket = {
  /** The memory may be written to again as soon as the call has returned. */
  readonly send: (datagram: Buffer) => void;
  /** The same, at some cost; tells by `onError` what the kernel says to it. */
  readonly sendWatched: (datagram: Buffer) => void;
  /** Nothing is sent until something has been read. */
  readonly rest: () => void;
  /** What was sent before has left. */
  readonly close: () => void;
};

export type TransferSocketHandlers = {
  readonly onMessage: (datagram: Buffer) => void;
  readonly onError: (error: Error) => void;
};

export type OpenTransferSocket = typeof openTransferSocket;

/** Sent while the network takes nothing; more is thrown away, and sent again by the timer. */
const maximumQueuedBytes = 256 * 1024;

/**
 * Bound to a free port of the local address and connected to the client: the kernel then drops
 * what comes from elsewhere, and says so when nobody listens at the client's port any more.
 * Rejects as bind and connect do.
 */
export async function openTransferSocket(
  ends: { readonly localAddress: string; readonly client: UdpEndpoint },
  { onMessage, onError }: TransferSocketHandlers,
): Promise<TransferSocket> {
  const socket = createSocket(isIPv6(ends.localAddress) ? 'udp6' : 'udp4');
  try {
    await connect(socket, ends);
  } catch (error) {
    socket.close();
    throw error;
  }
  let isClosed = false;
  const isOpen = () => !isClosed && socket.getSendQueueSize() <= maximumQueuedBytes;
  socket.on('message', onMessage);
  socket.on('error', onError);
  return {
    send: (datagram) => {
      // Without a callback: the timer looks after what does not arrive, for whatever reason.
      if (isOpen()) socket.send(Buffer.from(datagram));
    },
    sendWatched: (datagram) => {
      // That a port is closed is told once: to the next who receives, or who sends.
      const watch = (error: Error | null) => error !== null && onError(error);
      if (isOpen()) socket.send(Buffer.from(datagram), watch);
    },
    rest: () => {},
    close: () => {
      if (!isClosed) socket.close();
      isClosed = true;
    },
  };
}

async function connect(
  socket: Socket,
  { localAddress, client }: { readonly localAddress: string; readonly client: UdpEndpoint },
): Promise<void> {
  socket.bind({ address: localAddress, port: 0, exclusive: true });
  await once(socket, 'listening');
  socket.connect(client.port, client.address);
  await once(socket, 'connect');
}
