import type { BlockRange } from '../protocol/peer-wire/messages.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Peer } from './peer.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** A part of a piece; `release` says that its bytes are not looked at any more. */
export type Block = { readonly bytes: Buffer; readonly release: () => void };

export type UploadsOptions = {
  /** The bytes of a block, at once when they are in memory. Rejects or throws when they are gone. */
  readonly read: (range: BlockRange) => Block | Promise<Block>;
  readonly onSent?: (peer: Peer, range: BlockRange) => void;
  readonly onUnreadable: (peer: Peer, range: BlockRange, error: unknown) => void;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
};

/** Twice of what the extension handshake allows, more than any client asks without one. */
const longestQueue = 1000;
/** Little stands in the socket's buffer, so that a cancel still saves something. */
const unsentLimitBytes = 128 * 1024;

/** What peers asked for and has not been sent: first come, first served, for each peer. */
export class Uploads {
  readonly #options: UploadsOptions;
  readonly #queues = new Map<Peer, BlockRange[]>();
  readonly #busy = new Set<Peer>();
  #sentBytes = 0;

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  add(peer: Peer, range: BlockRange): void {
    const queue = this.#queues.get(peer) ?? [];
    if (queue.length >= longestQueue) return peer.wire.close('asks for more than it may at once');
    queue.push(range);
    this.#queues.set(peer, queue);
    this.advance(peer);
  }

  /** BEP 6: a request that was taken back is refused, unless it has been served. */
  cancel(peer: Peer, range: BlockRange): void {
    const queue = this.#queues.get(peer);
    const index = queue?.findIndex((waiting) => isSame(waiting, range)) ?? -1;
    if (index < 0) return;
    queue?.splice(index, 1);
    peer.sendReject(range);
  }

  remove(peer: Peer): void {
    this.#queues.delete(peer);
    this.#busy.delete(peer);
  }

  /** Sends what the socket takes; called again when it has drained. */
  advance(peer: Peer): void {
    if (this.#busy.has(peer)) return;
    const queue = this.#queues.get(peer);
    while (queue !== undefined && queue.length > 0 && !peer.wire.closed) {
      if (peer.wire.unsentBytes >= unsentLimitBytes) return;
      const next = queue[0];
      if (next === undefined) return;
      const waitMs = this.#options.limiter.take(next.lengthBytes);
      queue.shift();
      if (waitMs > 0) return this.#later(peer, next, waitMs);
      if (!this.#sendNow(peer, next)) return;
    }
  }

  /** False when the bytes come later. */
  #sendNow(peer: Peer, range: BlockRange): boolean {
    try {
      const block = this.#options.read(range);
      if (block instanceof Promise) {
        this.#sendLater(peer, range, block);
        return false;
      }
      this.#send(peer, range, block);
    } catch (error) {
      this.#options.onUnreadable(peer, range, error);
    }
    return true;
  }

  #sendLater(peer: Peer, range: BlockRange, coming: Promise<Block>): void {
    this.#busy.add(peer);
    coming
      .then((block) => this.#send(peer, range, block))
      .catch((error: unknown) => this.#options.onUnreadable(peer, range, error))
      .finally(() => {
        if (this.#busy.delete(peer)) this.advance(peer);
      });
  }

  #send(peer: Peer, range: BlockRange, { bytes, release }: Block): void {
    if (peer.wire.closed) return release();
    peer.sendBlock(range, bytes, release);
    peer.sentBytes += bytes.length;
    this.#sentBytes += bytes.length;
    this.#options.onSent?.(peer, range);
  }

  #later(peer: Peer, range: BlockRange, waitMs: number): void {
    this.#busy.add(peer);
    this.#options.clock.after(waitMs, () => {
      if (this.#busy.delete(peer) && this.#sendNow(peer, range)) this.advance(peer);
    });
  }
}

function isSame(one: BlockRange, other: BlockRange): boolean {
  return (
    one.piece === other.piece &&
    one.beginByte === other.beginByte &&
    one.lengthBytes === other.lengthBytes
  );
}
