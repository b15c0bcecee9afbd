/** One direction of a port or of a rack's uplink. What it carries is served in order, at its rate. */
export class Link {
  readonly bytesPerMs: number;
  /** How much may stand before it, as in a switch: a small message waits no longer than that. */
  readonly #queueMs: number;
  /** All that it was given to carry is through by then. */
  #freeAtMs = 0;
  #carriedBytes = 0;

  constructor(bytesPerSecond: number, queueBytes: number) {
    this.bytesPerMs = bytesPerSecond / 1000;
    this.#queueMs = queueBytes / this.bytesPerMs;
  }

  get carriedBytes(): number {
    return this.#carriedBytes;
  }

  get freeAtMs(): number {
    return this.#freeAtMs;
  }

  /** Takes its time for something whose first byte comes at `startMs`: from when until when. */
  carry(sizeBytes: number, startMs: number): { readonly startMs: number; readonly endMs: number } {
    const serviceMs = sizeBytes / this.bytesPerMs;
    const from = Math.max(this.#freeAtMs, startMs);
    this.#freeAtMs = from + serviceMs;
    this.#carriedBytes += sizeBytes;
    return { startMs: from, endMs: this.#freeAtMs };
  }

  /** A small message, that finds its way between the packets of others: how long it takes. */
  slip(sizeBytes: number, nowMs: number, waitingBytes = 0): number {
    const waitMs = Math.max(this.#freeAtMs - nowMs, waitingBytes / this.bytesPerMs, 0);
    const serviceMs = sizeBytes / this.bytesPerMs;
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + serviceMs;
    this.#carriedBytes += sizeBytes;
    return Math.min(this.#queueMs, waitMs) + serviceMs;
  }
}

/**
 * Something sent over several links at once, as packets do: the last byte comes when the slowest or
 * fullest of them has let it through.
 */
export function carryOver(links: readonly Link[], sizeBytes: number, nowMs: number): number {
  let startMs = nowMs;
  let endMs = nowMs;
  for (const link of links) {
    const carried = link.carry(sizeBytes, startMs);
    startMs = carried.startMs;
    endMs = Math.max(endMs, carried.endMs);
  }
  return endMs;
}

const packetBytes = 1448;
const packetOverheadBytes = 66;

/** With the headers of Ethernet, IP and TCP. */
export function onTheWireBytes(payloadBytes: number): number {
  return payloadBytes + Math.ceil(payloadBytes / packetBytes) * packetOverheadBytes;
}

/** The share of the wire that headers take when much is sent. */
export const wireFactor = (packetBytes + packetOverheadBytes) / packetBytes;
