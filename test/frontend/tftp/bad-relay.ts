import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';
import { createRandom } from '../../../src/simulator/random.ts';

export type RelayFaults = {
  readonly seed: number;
  /** Of the packets in each direction, from 0 to 1. */
  readonly lost: number;
  readonly doubled: number;
  /** Of the server's packets of this kind each client gets one, never two. */
  readonly isOnce?: (datagram: Buffer) => boolean;
};

/** Stands between TFTP clients and a server, and treats their packets badly. */
export async function startBadRelay(t: ExecutionContext, serverPort: number, faults: RelayFaults) {
  const random = createRandom(faults.seed);
  const sockets: Socket[] = [];
  const counts = { carried: 0, lost: 0, doubled: 0 };
  const upstreams = new Map<number, Promise<(datagram: Buffer) => void>>();
  t.teardown(() => {
    for (const socket of sockets) socket.close();
  });
  const entrance = await open((datagram, clientPort) => {
    let upstream = upstreams.get(clientPort);
    upstream ??= openPair(clientPort);
    upstreams.set(clientPort, upstream);
    upstream.then((send) => send(datagram)).catch((error: unknown) => t.fail(String(error)));
  });
  return { port: entrance.address().port, counts };

  /** Both sides of one client: the server sees one port, the client another. */
  async function openPair(clientPort: number): Promise<(datagram: Buffer) => void> {
    let transferPort: number | undefined;
    let isGiven = false;
    const facingServer = await open((datagram, port) => {
      transferPort = port;
      const send = () => facingClient.send(datagram, clientPort, '127.0.0.1');
      if (faults.isOnce?.(datagram) !== true) return carry(send);
      if (!isGiven) send();
      isGiven = true;
    });
    const facingClient = await open((datagram) =>
      carry(() => facingServer.send(datagram, transferPort ?? serverPort, '127.0.0.1')),
    );
    return (request) => carry(() => facingServer.send(request, serverPort, '127.0.0.1'));
  }

  function carry(send: () => void): void {
    counts.carried += 1;
    if (random() < faults.lost) {
      counts.lost += 1;
      return;
    }
    send();
    if (random() >= faults.doubled) return;
    counts.doubled += 1;
    send();
  }

  async function open(onMessage: (datagram: Buffer, port: number) => void): Promise<Socket> {
    const socket = createSocket('udp4');
    sockets.push(socket);
    // Whoever was sent to may have ended.
    socket.on('error', () => {});
    socket.on('message', (datagram, { port }) => onMessage(datagram, port));
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return socket;
  }
}
