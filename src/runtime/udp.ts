import type { Socket } from 'node:dgram';
import { once } from 'node:events';

/** Rejects with the error of bind(2); the socket is then closed. */
export async function bindUdp(
  socket: Socket,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<void> {
  try {
    socket.bind(port, host);
    await once(socket, 'listening');
  } catch (error) {
    socket.close();
    throw error;
  }
}

export async function closeUdp(socket: Socket): Promise<void> {
  socket.close();
  await once(socket, 'close');
}
