import type { OnReadOpts, Socket } from 'node:net';
import { restAfterRead } from './read-pace.ts';
import { readInto } from './socket-handle.ts';

/** This side's end of a connection. */
export type WireEnd = { readonly socket: Socket; readonly inlet: Inlet };

/** More than this before anybody listens is no handshake. */
const mostEarlyBytes = 256 * 1024;

/**
 * Where a connection's bytes come in. A chunk is good only while it is handed over: all sockets
 * read into one buffer, which spares an allocation for every read.
 */
export class Inlet {
  readonly #socket: () => Socket;
  #listener: ((chunk: Buffer) => void) | undefined;
  #early: Buffer[] = [];
  #earlyBytes = 0;

  constructor(socket: () => Socket) {
    this.#socket = socket;
  }

  push(chunk: Buffer): void {
    if (this.#listener !== undefined) return this.#listener(chunk);
    this.#early.push(Buffer.from(chunk));
    this.#earlyBytes += chunk.length;
    if (this.#earlyBytes > mostEarlyBytes) this.#socket().destroy();
  }

  /** Undefined: what comes is kept for the next listener. */
  listen(listener: ((chunk: Buffer) => void) | undefined): void {
    this.#listener = listener;
    if (listener === undefined) return;
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const chunk of early) this.push(chunk);
  }
}

const sharedBuffer = Buffer.allocUnsafeSlow(256 * 1024);

/** Puts an inlet before a connection that was just accepted. Use its socket, not the given one. */
export function takeOver(accepted: Socket): WireEnd {
  const inlet: Inlet = new Inlet(() => socket);
  const socket: Socket = readInto(
    accepted,
    feed(inlet, () => socket),
  );
  return { socket, inlet };
}

/** The `onread` option with which a socket to open feeds an inlet. */
export function feed(inlet: Inlet, socket: () => Socket): OnReadOpts {
  return {
    buffer: sharedBuffer,
    callback: (length) => {
      inlet.push(sharedBuffer.subarray(0, length));
      restAfterRead(socket(), length);
      return true;
    },
  };
}
