import type { Socket } from 'node:net';
import { isLoopbackAddress } from './loopback.ts';

export type Connections = {
  readonly accept: (socket: Socket) => void;
  /**
   * Registers a request of a connection. `turn` resolves when fewer than the allowed number of
   * earlier requests of that connection are still being answered.
   */
  readonly enter: (socket: Socket, abort: () => void) => Place;
};

export type Place = { readonly turn: Promise<void>; readonly leave: () => void };

type Waiting = { readonly abort: () => void; readonly start: () => void };

/**
 * Keeps, per connection, what must end with it (node:http does not tell a response that waits
 * behind others that its connection is gone), and how many pipelined requests run at once.
 */
export function createConnections(options: {
  readonly pipelineDepth: number;
  readonly remoteLimit: number;
  readonly remoteIdleMs: number;
  readonly onRemote: () => void;
}): Connections {
  const queues = new WeakMap<Socket, Set<Waiting>>();
  let remoteCount = 0;

  function limitRemote(socket: Socket): void {
    options.onRemote();
    if (remoteCount >= options.remoteLimit) {
      socket.destroy();
      return;
    }
    remoteCount += 1;
    socket.setTimeout(options.remoteIdleMs, () => socket.destroy());
    socket.once('close', () => {
      remoteCount -= 1;
    });
  }

  return {
    accept: (socket) => {
      const queue = new Set<Waiting>();
      queues.set(socket, queue);
      socket.once('close', () => {
        for (const each of [...queue]) each.abort();
      });
      if (!isLoopbackAddress(socket.remoteAddress)) limitRemote(socket);
    },
    enter: (socket, abort) => enterQueue(queues.get(socket) ?? new Set(), options, abort),
  };
}

function enterQueue(
  queue: Set<Waiting>,
  { pipelineDepth }: { readonly pipelineDepth: number },
  abort: () => void,
): Place {
  const { promise: turn, resolve: start } = Promise.withResolvers<void>();
  const place: Waiting = { abort, start };
  queue.add(place);
  if (queue.size <= pipelineDepth) start();
  const leave = () => {
    queue.delete(place);
    let running = 0;
    for (const each of queue) {
      if (running >= pipelineDepth) break;
      each.start();
      running += 1;
    }
  };
  return { turn, leave };
}
