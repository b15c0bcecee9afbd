import { randomBytes } from 'node:crypto';
import { addressBytes } from './address-bytes.ts';

const none = 0;

/**
 * Finds the slots of peers by swarm and address: chains of slots, without an object for any of
 * them. Slots count from 0; the links hold slot + 1, so that fresh memory is empty.
 */
export class PeerIndex {
  /** So that nobody can choose addresses that all end in one chain. */
  readonly #seed = randomBytes(4).readInt32LE();
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #addresses: Uint8Array;
  readonly #swarms: Int32Array;

  constructor(columns: { readonly addresses: Uint8Array; readonly swarms: Int32Array }) {
    const capacity = columns.swarms.length;
    this.#heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, capacity))));
    this.#next = new Int32Array(capacity);
    this.#addresses = columns.addresses;
    this.#swarms = columns.swarms;
  }

  /** Its columns are written by now. */
  add(slot: number): void {
    const bucket = this.#bucketOf(slot);
    this.#next[slot] = this.#heads[bucket] ?? none;
    this.#heads[bucket] = slot + 1;
  }

  delete(slot: number): void {
    const bucket = this.#bucketOf(slot);
    const after = this.#next[slot] ?? none;
    if (this.#heads[bucket] === slot + 1) {
      this.#heads[bucket] = after;
      return;
    }
    let at = (this.#heads[bucket] ?? none) - 1;
    while (at >= 0 && this.#next[at] !== slot + 1) at = (this.#next[at] ?? none) - 1;
    if (at >= 0) this.#next[at] = after;
  }

  /** Calls for each slot of that swarm and address, until it returns false. */
  eachAt(swarm: number, address: Uint8Array, visit: (slot: number) => boolean): void {
    let link = this.#heads[this.#hash(swarm, address, 0)] ?? none;
    while (link !== none) {
      const slot = link - 1;
      if (this.#swarms[slot] === swarm && this.#isAt(slot, address) && !visit(slot)) return;
      link = this.#next[slot] ?? none;
    }
  }

  #isAt(slot: number, address: Uint8Array): boolean {
    const start = slot * addressBytes;
    // Addresses of one network differ at the end.
    for (let index = addressBytes - 1; index >= 0; index -= 1) {
      if (this.#addresses[start + index] !== address[index]) return false;
    }
    return true;
  }

  #bucketOf(slot: number): number {
    return this.#hash(this.#swarms[slot] ?? 0, this.#addresses, slot * addressBytes);
  }

  /** FNV-1a, by Fowler, Noll and Vo, from a start of its own. */
  #hash(swarm: number, bytes: Uint8Array, start: number): number {
    let hash = Math.imul(this.#seed ^ swarm, 0x01000193);
    for (let index = 0; index < addressBytes; index += 1) {
      hash = Math.imul(hash ^ (bytes[start + index] ?? 0), 0x01000193);
    }
    return ((hash ^ (hash >>> 15)) >>> 0) & (this.#heads.length - 1);
  }
}
