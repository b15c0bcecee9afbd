import type { Peer } from './peer.ts';
import type { PeerConnection } from './peer-connection.ts';

const mostOfOneHost = 8;
/** Whom we call ourselves is wanted more than whoever calls. */
const roomForOwnCalls = 4;
/** Where a node has called as many as it wants, so many more may call it. */
const roomForCallers = 5;

/** The peers of one torrent: one connection to each, not too many, few of them from one machine. */
export class PeerSet implements Iterable<Peer> {
  readonly #ownId: string;
  readonly #most: () => number;
  readonly #byKey = new Map<string, Peer>();
  readonly #ofHost = new Map<string, number>();

  /** `most`: how many there may be, now. */
  constructor(ownId: string, most: () => number) {
    this.#ownId = ownId;
    this.#most = most;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** How many more are to be called, calls under way not counted; negative: there are enough. */
  get wanted(): number {
    return this.#most() - roomForCallers - this.#byKey.size;
  }

  [Symbol.iterator](): Iterator<Peer> {
    return this.#byKey.values();
  }

  /**
   * False: the connection is not wanted. Two nodes that called each other at the same time keep
   * the call of the one with the smaller peer id; both sides find so.
   */
  makeRoomFor(connection: PeerConnection): boolean {
    const id = connection.handshake.peerId.toString('hex');
    if (id === this.#ownId) return false;
    const existing = this.#byKey.get(keyOf(id, connection.address));
    if (existing === undefined) return this.#hasRoomFor(connection);
    const ours = this.#ownId < id;
    if (existing.outgoing === connection.outgoing || connection.outgoing !== ours) return false;
    existing.wire.close(undefined);
    return true;
  }

  /** Whether there is a connection to the same peer, by whichever call. */
  has(peer: Peer): boolean {
    return this.#byKey.has(keyOf(peer.id, peer.address));
  }

  add(peer: Peer): void {
    this.#byKey.set(keyOf(peer.id, peer.address), peer);
    this.#count(peer, 1);
  }

  delete(peer: Peer): boolean {
    const key = keyOf(peer.id, peer.address);
    if (this.#byKey.get(key) !== peer) return false;
    this.#count(peer, -1);
    return this.#byKey.delete(key);
  }

  #hasRoomFor({ address, outgoing }: PeerConnection): boolean {
    const host = hostOf(address);
    const isCrowd = (this.#ofHost.get(host) ?? 0) >= mostOfOneHost;
    if (isCrowd && !isShared(host)) return false;
    return this.#byKey.size < this.#most() + (outgoing ? roomForOwnCalls : 0);
  }

  #count(peer: Peer, change: 1 | -1): void {
    const host = hostOf(peer.address);
    const count = (this.#ofHost.get(host) ?? 0) + change;
    if (count > 0) this.#ofHost.set(host, count);
    else this.#ofHost.delete(host);
  }
}

/** By the id alone, which everybody may copy, one peer could take the place of another. */
function keyOf(id: string, address: string): string {
  return `${id} ${hostOf(address)}`;
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

/** A whole rack may live at the address of the machine itself. */
function isShared(host: string): boolean {
  return host === '127.0.0.1' || host === '[::1]';
}
