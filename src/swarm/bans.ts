import type { PeerConnection } from './peer-connection.ts';

const mostBans = 1000;

/**
 * Who sent wrong bytes, by address. On loopback, where a whole rack shares few addresses, by peer
 * id, too weak elsewhere since it is chosen by the peer.
 */
export class Bans {
  readonly #keys = new Set<string>();

  add(peer: { readonly address: string; readonly id: string }): void {
    this.#keys.add(banKey(peer.address, peer.id));
    const [oldest] = this.#keys;
    if (this.#keys.size > mostBans && oldest !== undefined) this.#keys.delete(oldest);
  }

  has(connection: Pick<PeerConnection, 'address' | 'handshake'>): boolean {
    return this.#keys.has(banKey(connection.address, connection.handshake.peerId.toString('hex')));
  }
}

function banKey(address: string, id: string): string {
  const host = address.replace(/:\d+$/, '');
  return host.startsWith('127.') || host === '[::1]' ? id : host;
}
