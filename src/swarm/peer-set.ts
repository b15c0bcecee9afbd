import type { Peer } from './peer.ts';
import type { PeerConnection } from './peer-connection.ts';

const mostPeers = 60;

/** The peers of one torrent: one connection to each, and not too many. */
export class PeerSet implements Iterable<Peer> {
  readonly #ownId: string;
  readonly #byId = new Map<string, Peer>();

  constructor(ownId: string) {
    this.#ownId = ownId;
  }

  get size(): number {
    return this.#byId.size;
  }

  [Symbol.iterator](): Iterator<Peer> {
    return this.#byId.values();
  }

  /**
   * False: the connection is not wanted. Two nodes that called each other at the same time keep
   * the call of the one with the smaller peer id; both sides find so.
   */
  makeRoomFor(connection: PeerConnection): boolean {
    const id = connection.handshake.peerId.toString('hex');
    if (id === this.#ownId) return false;
    const existing = this.#byId.get(id);
    if (existing === undefined) return this.#byId.size < mostPeers;
    const ours = this.#ownId < id;
    if (existing.outgoing === connection.outgoing || connection.outgoing !== ours) return false;
    existing.wire.close(undefined);
    return true;
  }

  add(peer: Peer): void {
    this.#byId.set(peer.id, peer);
  }

  delete(peer: Peer): boolean {
    return this.#byId.get(peer.id) === peer && this.#byId.delete(peer.id);
  }
}
