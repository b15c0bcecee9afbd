import { WireDecoder } from '../../protocol/peer-wire/decoder.ts';
import type { BlockRange } from '../../protocol/peer-wire/messages.ts';
import { messageOf } from '../../runtime/errors.ts';
import type { PeerWire, WireListener } from '../../swarm/wire.ts';
import type { Channel } from './channel.ts';
import type { Machine } from './machine.ts';
import type { Inbox, Reading } from './reading.ts';
import type { Traffic } from './traffic.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Of what a program sends, so much is the kernel's at once: it cannot be taken back. */
const kernelBytes = 256 * 1024;
const blockHeaderBytes = 13;

/** A process on a machine, as a wire sees it. */
export type Place = {
  readonly machine: Machine;
  readonly reading: Reading;
  /** What it sends is not what it should be. */
  readonly lies: boolean;
};

type Letter = { readonly sizeBytes: number; readonly block: BlockRange | undefined };
type Message = Letter & { readonly messages: Buffer[] };

/** The two ends of a connection between two modelled machines. */
export function connectWires(
  traffic: Traffic,
  caller: Place,
  callee: Place,
): readonly [VirtualWire, VirtualWire] {
  const one = new VirtualWire(traffic, caller);
  const other = new VirtualWire(traffic, callee);
  one.joinTo(other);
  other.joinTo(one);
  return [one, other];
}

/** One end of a connection: messages and blocks, without the bytes of blocks. */
export class VirtualWire implements PeerWire {
  readonly place: Place;
  readonly #traffic: Traffic;
  readonly #time: VirtualTime;
  readonly #inbox: Inbox;
  #channel: Channel | undefined;
  #other: VirtualWire | undefined;
  #listener: WireListener | undefined;
  #decoder: WireDecoder | undefined;
  #arrived: Message[] = [];
  #last: Message | undefined;
  #lastSentAtMs = -1;
  #closed = false;
  #isFull = false;

  constructor(traffic: Traffic, place: Place) {
    this.#traffic = traffic;
    this.#time = place.machine.time;
    this.place = place;
    this.#inbox = { read: () => this.#readAll(), restsUntilMs: 0, isInLine: false };
  }

  joinTo(other: VirtualWire): void {
    this.#other = other;
    this.#channel = this.place.machine.channelTo(other.place.machine, () => this.#onSent());
  }

  listen(listener: WireListener, maximumMessageBytes: number): this {
    this.#listener = listener;
    this.#decoder = new WireDecoder(listener, { maximumMessageBytes });
    // The other end may have hung up before this one knew that it had been called.
    if (this.#closed) this.#time.soon(() => listener.onClosed(undefined));
    if (this.#arrived.length > 0) this.#time.soon(() => this.#readAll());
    return this;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get unsentBytes(): number {
    return Math.max(0, (this.#channel?.queuedBytes ?? 0) - kernelBytes);
  }

  send(message: Buffer, onSent?: () => void): void {
    onSent?.();
    if (this.#closed) return;
    const nowMs = this.#time.nowMs();
    // What is said in one turn goes out together.
    if (this.#last !== undefined && this.#lastSentAtMs === nowMs) {
      this.#last.messages.push(message);
      return;
    }
    const letter: Message = { sizeBytes: message.length, block: undefined, messages: [message] };
    this.#last = letter;
    this.#lastSentAtMs = nowMs;
    this.#channel?.sendSmall(message.length, () => this.#deliver(letter));
  }

  sendBlock(range: BlockRange, bytes: Buffer, onSent?: () => void): void {
    onSent?.();
    if (this.#closed) return;
    this.#last = undefined;
    this.#traffic.sentBytes += bytes.length;
    const sizeBytes = blockHeaderBytes + bytes.length;
    const letter: Message = { sizeBytes, block: range, messages: [] };
    this.#channel?.send(sizeBytes, () => this.#deliver(letter));
    this.#isFull ||= this.unsentBytes > 0;
  }

  close(reason: string | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#channel?.close();
    const other = this.#other;
    this.#time.after(this.place.machine.latencyMs, () => other?.close(undefined));
    this.#listener?.onClosed(reason);
  }

  #onSent(): void {
    if (!this.#isFull || this.unsentBytes > 0 || this.#closed) return;
    this.#isFull = false;
    this.#listener?.onDrain();
  }

  #deliver(letter: Message): void {
    if (letter === this.#last) this.#last = undefined;
    this.#other?.take(letter);
  }

  take(letter: Message): void {
    this.#arrived.push(letter);
    if (this.#listener !== undefined) {
      this.place.reading.arrived(this.#inbox, letter.block !== undefined);
    }
  }

  #readAll(): number {
    const letters = this.#arrived;
    this.#arrived = [];
    let sizeBytes = 0;
    for (const letter of letters) {
      sizeBytes += letter.sizeBytes;
      this.#read(letter);
    }
    return sizeBytes;
  }

  #read({ messages, block }: Message): void {
    try {
      if (block !== undefined) this.#readBlock(block);
      for (const message of messages) if (!this.#closed) this.#decoder?.push(message);
    } catch (error) {
      this.close(messageOf(error));
    }
  }

  #readBlock(range: BlockRange): void {
    const isFor = this.#closed ? undefined : this.#listener?.blockTarget(range);
    if (isFor === undefined) {
      this.#traffic.unwantedBytes += range.lengthBytes;
      return;
    }
    this.#traffic.takenBytes += range.lengthBytes;
    this.#time.unsettle();
    this.#traffic.isRight = this.#other?.place.lies !== true;
    this.#listener?.onBlock(range);
    this.#traffic.isRight = true;
  }
}
