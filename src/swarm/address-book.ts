import type { PeerAddress } from './ask-trackers.ts';

type Entry = {
  readonly address: PeerAddress;
  nextTryMs: number;
  failures: number;
  isFrontend: boolean;
  /** When a frontend was lost that has not been reached since. */
  lostAtMs: number | undefined;
  /** A call to it has not ended yet. */
  isCalled: boolean;
};

const mostAddresses = 1000;
const retryMs = 5000;
const longestRetryMs = 120_000;
const frontendRetryMs = { shortest: 500, longest: 10_000 };

const fresh = { lostAtMs: undefined, isCalled: false, failures: 0 };
/** Anybody may say that he is a frontend. */
const mostLostFrontends = 4;

/** The peers that a tracker named, and when each may be tried (again). */
export class AddressBook {
  readonly #entries = new Map<string, Entry>();

  add(addresses: readonly PeerAddress[]): void {
    for (const address of addresses) {
      const key = addressKey(address);
      if (this.#entries.has(key) || this.#entries.size >= mostAddresses) continue;
      this.#entries.set(key, { address, nextTryMs: 0, isFrontend: false, ...fresh });
    }
  }

  /**
   * Addresses to connect to now; each is given out once, until its retry time has come. A frontend
   * that was lost is given out in any case: no number of other peers stands in for it.
   */
  take(nowMs: number, count: number): PeerAddress[] {
    const taken: PeerAddress[] = [];
    let beyond = 0;
    for (const entry of this.#entries.values()) {
      if (entry.nextTryMs > nowMs || entry.isCalled) continue;
      if (taken.length >= count) {
        if (entry.lostAtMs === undefined || beyond >= mostLostFrontends) continue;
        beyond += 1;
      }
      entry.failures += 1;
      entry.isCalled = true;
      entry.nextTryMs = nowMs + pauseMs(entry, nowMs);
      taken.push(entry.address);
    }
    return taken;
  }

  /** It is connected: not to be tried again until it has gone. */
  connected(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    Object.assign(entry, { ...fresh, nextTryMs: Number.POSITIVE_INFINITY });
  }

  /** A call to it has led nowhere. */
  missed(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.isCalled = false;
  }

  /** It is to be tried again after a while. */
  gone(key: string, nowMs: number, isFrontend: boolean): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    // It may hang up before it says again what it is.
    entry.isFrontend ||= isFrontend;
    entry.lostAtMs = entry.isFrontend ? nowMs : undefined;
    entry.nextTryMs = nowMs + (entry.isFrontend ? frontendRetryMs.shortest : retryMs);
  }
}

/** For a frontend a sixteenth of the time that it has been away: nobody stands in for it. */
function pauseMs({ failures, lostAtMs }: Entry, nowMs: number): number {
  if (lostAtMs === undefined) return Math.min(longestRetryMs, retryMs * 2 ** (failures - 1));
  const { shortest, longest } = frontendRetryMs;
  return Math.min(longest, Math.max(shortest, (nowMs - lostAtMs) / 16));
}

/** `host:port`, IPv6 in brackets; an IPv4 address mapped into IPv6 is shown as IPv4. */
export function addressKey(address: PeerAddress): string {
  const host = address.host.replace(/^::ffff:(?=\d+\.)/i, '');
  return host.includes(':') ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}
