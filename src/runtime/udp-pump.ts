import { constants } from 'node:os';
import koffi from 'koffi';
import { AF_INET, check, libc, sockaddrBytes, socketAddress, udpSocketType } from './libc.ts';

export type PumpedSocket = {
  readonly send: (datagram: Buffer) => void;
  readonly close: () => void;
};

export type PumpedSocketHandlers = {
  /** The memory is used again when the call has returned. */
  readonly onMessage: (datagram: Buffer) => void;
  /** Nobody listens at the other end any more. */
  readonly onRefused: () => void;
};

export type UdpEnds = {
  readonly localAddress: string;
  readonly remote: { readonly address: string; readonly port: number };
};

type Entry = PumpedSocketHandlers & { readonly descriptor: number };

const POLLIN = 1;
const pollfdBytes = 8;
const longestDatagram = 2048;
/** So long the thread is kept from everything else, at most, while packets come. */
const sliceMs = 2;
/** So long it waits for a packet; longer, step by step, while none comes. */
const shortestWaitMs = 1;
const longestWaitMs = 8;
/** So long it looks for a packet before it sleeps: to be woken takes about as long. */
const spinMs = 0.03;

/**
 * Connected UDP sockets (IPv4) of a thread that does little else. Node gives each datagram a turn
 * of its event loop and memory of its own; here all that have come are read in one turn, so that a
 * lock-step protocol waits for the network only. The event loop gets its turn every few
 * milliseconds.
 */
export class UdpPump {
  readonly #entries = new Map<number, Entry>();
  #order: readonly Entry[] = [];
  #polled = Buffer.alloc(0);
  readonly #datagram = Buffer.alloc(longestDatagram);
  #view = this.#datagram;
  #isScheduled = false;
  #isResting = false;
  /** Whether answers come sooner than a sleep pays. */
  #isQuick = false;
  #waitMs = shortestWaitMs;

  /** Bound to a free port of the local address; hears its remote end only. Throws LibcError. */
  open(ends: UdpEnds, handlers: PumpedSocketHandlers): PumpedSocket {
    const descriptor = connect(ends);
    const entry = { ...handlers, descriptor };
    this.#entries.set(descriptor, entry);
    this.#order = [];
    this.#waitMs = shortestWaitMs;
    this.#schedule();
    return {
      send: (datagram) => {
        if (this.#entries.get(descriptor) === entry) this.#send(entry, datagram);
      },
      close: () => this.#close(entry),
    };
  }

  /** The event loop gets its turn at once: something there is waited for. */
  rest(): void {
    this.#isResting = true;
    this.#waitMs = shortestWaitMs;
  }

  #send(entry: Entry, datagram: Buffer): void {
    const { descriptor } = entry;
    if (libc().send(descriptor, datagram, datagram.length, 0) >= 0) return;
    // What does not leave for another reason is as lost as on the wire. Not now: whoever sends may
    // be in the middle of several.
    if (koffi.errno() === constants.errno.ECONNREFUSED) setImmediate(() => this.#refuse(entry));
  }

  #close({ descriptor }: Entry): void {
    if (!this.#entries.delete(descriptor)) return;
    this.#order = [];
    libc().close(descriptor);
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#turn();
      if (this.#entries.size > 0) this.#schedule();
    });
  }

  #turn(): void {
    const endMs = performance.now() + sliceMs;
    this.#isResting = false;
    while (this.#entries.size > 0 && !this.#isResting && performance.now() < endMs) {
      if (!this.#pump()) return;
    }
  }

  /** True when something came. */
  #pump(): boolean {
    if (this.#order.length === 0) this.#arrange();
    const order = this.#order;
    const polled = this.#polled;
    const count = this.#wait(polled, order.length);
    this.#waitMs = count > 0 ? shortestWaitMs : Math.min(2 * this.#waitMs, longestWaitMs);
    let left = count;
    for (let at = 0; left > 0 && at < order.length; at += 1) {
      const entry = order[at];
      if (entry === undefined || polled.readInt16LE(at * pollfdBytes + 6) === 0) continue;
      left -= 1;
      this.#receive(entry);
    }
    return count > 0;
  }

  /** How many have something to read. */
  #wait(polled: Buffer, length: number): number {
    const { poll } = libc();
    const startMs = performance.now();
    const endMs = startMs + (this.#isQuick ? spinMs : 0);
    do {
      const count = poll(polled, length, 0);
      if (count > 0) return count;
    } while (performance.now() < endMs);
    const count = poll(polled, length, this.#waitMs);
    this.#isQuick = count > 0 && performance.now() - startMs < 2 * spinMs;
    return count;
  }

  #receive(entry: Entry): void {
    // What came before may have closed it.
    if (this.#entries.get(entry.descriptor) !== entry) return;
    const length = libc().recv(entry.descriptor, this.#datagram, longestDatagram, 0);
    if (length >= 0) entry.onMessage(this.#received(length));
    else if (koffi.errno() === constants.errno.ECONNREFUSED) entry.onRefused();
  }

  /** Acknowledgements are all of one length. */
  #received(length: number): Buffer {
    if (this.#view.length !== length) this.#view = this.#datagram.subarray(0, length);
    return this.#view;
  }

  #refuse(entry: Entry): void {
    if (this.#entries.get(entry.descriptor) === entry) entry.onRefused();
  }

  /** The array of struct pollfd. */
  #arrange(): void {
    this.#order = [...this.#entries.values()];
    this.#polled = Buffer.alloc(this.#order.length * pollfdBytes);
    for (const [at, { descriptor }] of this.#order.entries()) {
      this.#polled.writeInt32LE(descriptor, at * pollfdBytes);
      this.#polled.writeInt16LE(POLLIN, at * pollfdBytes + 4);
    }
  }
}

function connect({ localAddress, remote }: UdpEnds): number {
  const { socket, bind, connect, close } = libc();
  const what = `a UDP socket from ${localAddress} to ${remote.address}:${remote.port}`;
  const descriptor = check(socket(AF_INET, udpSocketType, 0), what);
  try {
    check(bind(descriptor, socketAddress(localAddress, 0), sockaddrBytes), what);
    const address = socketAddress(remote.address, remote.port);
    check(connect(descriptor, address, sockaddrBytes), what);
    return descriptor;
  } catch (error) {
    close(descriptor);
    throw error;
  }
}
