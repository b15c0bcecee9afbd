import type { Socket } from 'node:net';

/**
 * One request of a connection at a time. HTTP answers pipelined requests in order anyway (RFC
 * 9112, 9.3.2); taken up all at once, each would hold its part of a file in memory meanwhile.
 */
export class Turns {
  readonly #lines = new WeakMap<Socket, { waiting: number; last: Promise<void> }>();
  readonly #longest: number;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /**
   * Runs `work` after what came before it on the connection. Not at all when the connection has
   * gone by then; a connection with too many requests waiting is closed.
   */
  async take(socket: Socket, work: () => Promise<void>): Promise<void> {
    const line = this.#lines.get(socket) ?? { waiting: 0, last: Promise.resolve() };
    this.#lines.set(socket, line);
    if (line.waiting >= this.#longest) {
      socket.destroy();
      return;
    }
    line.waiting += 1;
    const turn = line.last.then(() => (socket.destroyed ? undefined : work()));
    const next = () => {
      line.waiting -= 1;
    };
    line.last = turn.then(next, next);
    await turn;
  }
}
