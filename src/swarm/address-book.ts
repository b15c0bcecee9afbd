import type { PeerAddress } from './announcer.ts';

type Entry = { readonly address: PeerAddress; nextTryMs: number; failures: number };

const mostAddresses = 1000;
const retryMs = 5000;
const longestRetryMs = 120_000;

/** The peers that a tracker named, and when each may be tried (again). */
export class AddressBook {
  readonly #entries = new Map<string, Entry>();

  add(addresses: readonly PeerAddress[]): void {
    for (const address of addresses) {
      const key = addressKey(address);
      if (this.#entries.has(key) || this.#entries.size >= mostAddresses) continue;
      this.#entries.set(key, { address, nextTryMs: 0, failures: 0 });
    }
  }

  /** Addresses to connect to now; each is given out once, until its retry time has come. */
  take(nowMs: number, count: number): PeerAddress[] {
    const taken: PeerAddress[] = [];
    for (const entry of this.#entries.values()) {
      if (taken.length >= count) break;
      if (entry.nextTryMs > nowMs) continue;
      entry.failures += 1;
      entry.nextTryMs = nowMs + Math.min(longestRetryMs, retryMs * 2 ** (entry.failures - 1));
      taken.push(entry.address);
    }
    return taken;
  }

  /** It is connected: not to be tried again until it has gone. */
  connected(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.nextTryMs = Number.POSITIVE_INFINITY;
    entry.failures = 0;
  }

  /** It is to be tried again after a while. */
  gone(key: string, nowMs: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.nextTryMs = nowMs + retryMs;
  }
}

/** `host:port`, IPv6 in brackets; an IPv4 address mapped into IPv6 is shown as IPv4. */
export function addressKey(address: PeerAddress): string {
  const host = address.host.replace(/^::ffff:(?=\d+\.)/i, '');
  return host.includes(':') ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}
