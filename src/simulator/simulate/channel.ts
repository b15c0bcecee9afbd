import { carryOver, type Link, onTheWireBytes } from './link.ts';
import type { VirtualTime } from './virtual-time.ts';

type Parcel = { readonly sizeBytes: number; readonly arrive: () => void };

/** What TCP has on its way on one connection before the other end has said that it came. */
const windowBytes = 256 * 1024;
/** What waits longer than this on its way has met a full queue: TCP then sends little at a time. */
const congestedMs = 20;

/** The port of a machine: those who have something to send take turns. */
export class Port {
  readonly link: Link;
  readonly #time: VirtualTime;
  readonly #waiting: Channel[] = [];
  #waitingBytes = 0;
  #busy = false;

  constructor(link: Link, time: VirtualTime) {
    this.link = link;
    this.#time = time;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** It has something to send, and may. */
  enqueue(channel: Channel): void {
    this.#waiting.push(channel);
    if (!this.#busy) this.#sendNext();
  }

  count(changeBytes: number): void {
    this.#waitingBytes += changeBytes;
  }

  #sendNext(): void {
    const channel = this.#waiting.shift();
    this.#busy = channel !== undefined;
    if (channel === undefined) return;
    channel.sendOne();
    this.#time.at(this.link.freeAtMs, () => {
      channel.noteSent();
      this.#sendNext();
    });
  }
}

/** One direction of a connection. Everything arrives in the order in which it was sent. */
export class Channel {
  readonly #port: Port;
  readonly #path: readonly Link[];
  readonly #time: VirtualTime;
  readonly #latencyMs: number;
  readonly #onSent: () => void;
  readonly #queue: Parcel[] = [];
  #sending: Parcel | undefined;
  #queuedBytes = 0;
  #onTheWayBytes = 0;
  #isWaiting = false;
  #isCongested = false;
  #lastArrivalMs = 0;

  /** `path`: the links behind the port. `onSent`: something has left the port. */
  constructor(
    from: { readonly port: Port; readonly time: VirtualTime },
    to: { readonly path: readonly Link[]; readonly latencyMs: number },
    onSent: () => void,
  ) {
    this.#port = from.port;
    this.#time = from.time;
    this.#path = [from.port.link, ...to.path];
    this.#latencyMs = to.latencyMs;
    this.#onSent = onSent;
  }

  /** Not yet through the port. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  send(payloadBytes: number, arrive: () => void): void {
    const sizeBytes = onTheWireBytes(payloadBytes);
    this.#queue.push({ sizeBytes, arrive });
    this.#queuedBytes += sizeBytes;
    this.#port.count(sizeBytes);
    this.#wait();
  }

  /** A few bytes, which wait for no turn unless something of this connection stands before them. */
  sendSmall(payloadBytes: number, arrive: () => void): void {
    if (this.#queue.length > 0 || this.#sending !== undefined) {
      return this.send(payloadBytes, arrive);
    }
    const nowMs = this.#time.nowMs();
    const sizeBytes = onTheWireBytes(payloadBytes);
    let atMs = nowMs + this.#latencyMs;
    let waitingBytes = this.#port.waitingBytes;
    for (const link of this.#path) {
      atMs += link.slip(sizeBytes, nowMs, waitingBytes);
      waitingBytes = 0;
    }
    this.#arriveAt(atMs, arrive);
  }

  /** What has not left is not sent any more. */
  close(): void {
    for (const { sizeBytes } of this.#queue) this.#port.count(-sizeBytes);
    this.#queue.length = 0;
    this.#queuedBytes = this.#sending?.sizeBytes ?? 0;
  }

  /** Called by the port. */
  sendOne(): void {
    this.#isWaiting = false;
    const parcel = this.#queue.shift();
    this.#sending = parcel;
    if (parcel === undefined) return;
    const { sizeBytes, arrive } = parcel;
    this.#onTheWayBytes += sizeBytes;
    const nowMs = this.#time.nowMs();
    const endMs = carryOver(this.#path, sizeBytes, nowMs);
    const slowest = this.#path.reduce(
      (least, link) => Math.min(least, link.bytesPerMs),
      Number.POSITIVE_INFINITY,
    );
    this.#isCongested = endMs - nowMs - sizeBytes / slowest > congestedMs;
    this.#arriveAt(endMs + this.#latencyMs, () => {
      this.#onTheWayBytes -= sizeBytes;
      this.#wait();
      arrive();
    });
  }

  /** Called by the port. */
  noteSent(): void {
    const sizeBytes = this.#sending?.sizeBytes ?? 0;
    this.#sending = undefined;
    this.#queuedBytes -= sizeBytes;
    this.#port.count(-sizeBytes);
    this.#wait();
    this.#onSent();
  }

  #wait(): void {
    const [next] = this.#queue;
    if (next === undefined || this.#isWaiting || this.#sending !== undefined) return;
    const isFull = this.#isCongested || this.#onTheWayBytes + next.sizeBytes > windowBytes;
    if (isFull && this.#onTheWayBytes > 0) return;
    this.#isWaiting = true;
    this.#port.enqueue(this);
  }

  #arriveAt(atMs: number, arrive: () => void): void {
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, atMs);
    this.#time.at(this.#lastArrivalMs, arrive);
  }
}
