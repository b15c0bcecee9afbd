import type { Socket } from 'node:net';
import { WireDecoder, type WireHandler } from '../protocol/peer-wire/decoder.ts';
import { type BlockRange, encodePieceHeader, keepAlive } from '../protocol/peer-wire/messages.ts';
import { messageOf } from '../runtime/errors.ts';
import type { WireEnd } from './inlet.ts';

/** What a wire tells its peer. After `onClosed` nothing more comes. */
export type WireListener = WireHandler & {
  readonly onDrain: () => void;
  /** `reason` is undefined when the other side just went away. */
  readonly onClosed: (reason: string | undefined) => void;
};

const keepAliveMs = 60_000;
const silenceLimitMs = 150_000;
/** A peer that lets this much pile up does not read. */
const unsentLimitBytes = 2 * 1024 * 1024;

/** A connection behind its handshake, for whoever speaks by it. */
export type PeerWire = Pick<Wire, 'closed' | 'unsentBytes' | 'send' | 'sendBlock' | 'close'>;

/** One connection behind its handshake: messages in, messages out, batched by turn of the loop. */
export class Wire {
  readonly socket: Socket;
  readonly #listener: WireListener;
  #corked = false;
  #closed = false;
  #heardAtMs = performance.now();
  readonly #keepAliveTimer: NodeJS.Timeout;

  constructor(at: WireEnd, listener: WireListener, maximumMessageBytes: number) {
    const { socket, inlet } = at;
    this.socket = socket;
    this.#listener = listener;
    const decoder = new WireDecoder(this.#whileOpen(listener), { maximumMessageBytes });
    socket.setNoDelay(true);
    socket.on('drain', () => listener.onDrain());
    socket.on('error', () => this.close(undefined));
    socket.on('close', () => this.close(undefined));
    this.#keepAliveTimer = setInterval(() => this.#keepAlive(), keepAliveMs);
    // What has come already is not told before whoever makes this has put it in its place.
    process.nextTick(() => inlet.listen((chunk) => this.#receive(decoder, chunk)));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What the kernel has not taken yet. */
  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  /** `onSent` is called when the bytes are not looked at any more. */
  send(message: Buffer, onSent?: () => void): void {
    if (this.#closed) return onSent?.();
    if (!this.#corked) {
      this.#corked = true;
      this.socket.cork();
      process.nextTick(() => this.#uncork());
    }
    this.socket.write(message, onSent);
    if (this.socket.writableLength > unsentLimitBytes) this.close('does not read what it is sent');
  }

  sendBlock(range: BlockRange, bytes: Buffer, onSent?: () => void): void {
    this.send(encodePieceHeader(range));
    this.send(bytes, onSent);
  }

  close(reason: string | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#keepAliveTimer);
    this.socket.destroy();
    this.#listener.onClosed(reason);
  }

  /** A machine that lost its power says nothing more, not even good-bye. */
  #keepAlive(): void {
    if (performance.now() - this.#heardAtMs > silenceLimitMs) this.close('was silent for too long');
    else this.send(keepAlive);
  }

  #uncork(): void {
    this.#corked = false;
    if (!this.#closed) this.socket.uncork();
  }

  /** What stands behind the message at which it ended says nothing to anybody any more. */
  #whileOpen(listener: WireListener): WireHandler {
    return {
      onMessage: (message) => {
        if (!this.#closed) listener.onMessage(message);
      },
      blockTarget: (range) => (this.#closed ? undefined : listener.blockTarget(range)),
      onBlock: (range) => {
        if (!this.#closed) listener.onBlock(range);
      },
    };
  }

  #receive(decoder: WireDecoder, chunk: Buffer): void {
    if (this.#closed) return;
    this.#heardAtMs = performance.now();
    try {
      decoder.push(chunk);
    } catch (error) {
      this.close(messageOf(error));
    }
  }
}
