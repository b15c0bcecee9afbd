import type { Peer } from './peer.ts';

/** Peers by key, and in a list without gaps for random picks. */
export class PeerPool {
  readonly #peers: Peer[] = [];
  readonly #places = new Map<string, number>();

  get peers(): readonly Peer[] {
    return this.#peers;
  }

  get(key: string): Peer | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#peers[place];
  }

  set(peer: Peer): void {
    const place = this.#places.get(peer.key) ?? this.#peers.length;
    this.#peers[place] = peer;
    this.#places.set(peer.key, place);
  }

  delete(key: string): void {
    const place = this.#places.get(key);
    const last = this.#peers.at(-1);
    if (place === undefined || last === undefined) return;
    this.#peers.pop();
    this.#places.delete(key);
    if (last.key === key) return;
    this.#peers[place] = last;
    this.#places.set(last.key, place);
  }
}
