import type { PeerAddress } from './ask-trackers.ts';

type Entry = {
  readonly address: PeerAddress;
  nextTryMs: number;
  failures: number;
  isFrontend: boolean;
};

const mostAddresses = 1000;
const retryMs = 5000;
const longestRetryMs = 120_000;
const longestFrontendRetryMs = 10_000;

/** The peers that a tracker named, and when each may be tried (again). */
export class AddressBook {
  readonly #entries = new Map<string, Entry>();

  add(addresses: readonly PeerAddress[]): void {
    for (const address of addresses) {
      const key = addressKey(address);
      if (this.#entries.has(key) || this.#entries.size >= mostAddresses) continue;
      this.#entries.set(key, { address, nextTryMs: 0, failures: 0, isFrontend: false });
    }
  }

  /**
   * Addresses to connect to now; each is given out once, until its retry time has come. A frontend
   * that was lost is given out in any case: no number of other peers stands in for it.
   */
  take(nowMs: number, count: number): PeerAddress[] {
    const taken: PeerAddress[] = [];
    for (const entry of this.#entries.values()) {
      if (entry.nextTryMs > nowMs) continue;
      if (taken.length >= count && !entry.isFrontend) continue;
      entry.failures += 1;
      entry.nextTryMs = nowMs + pauseMs(entry);
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
  gone(key: string, nowMs: number, isFrontend: boolean): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    entry.nextTryMs = nowMs + retryMs;
    entry.isFrontend = isFrontend;
  }
}

function pauseMs({ failures, isFrontend }: Entry): number {
  const longestMs = isFrontend ? longestFrontendRetryMs : longestRetryMs;
  return Math.min(longestMs, retryMs * 2 ** (failures - 1));
}

/** `host:port`, IPv6 in brackets; an IPv4 address mapped into IPv6 is shown as IPv4. */
export function addressKey(address: PeerAddress): string {
  const host = address.host.replace(/^::ffff:(?=\d+\.)/i, '');
  return host.includes(':') ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}
