import { networkInterfaces } from 'node:os';
import { isWildcard } from './address.ts';
import type { Interface } from './local-address.ts';

/** Of no use to a reader who does not know the interface, or is not on its link. */
const linkLocal = /^(?:169\.254\.|fe80:)/i;

/**
 * The address to tell a person of what listens on `host`: of all addresses, which nobody could
 * type, the first by which other machines can reach this one; else loopback.
 */
export function shownAddress(host: string, interfaces = allInterfaces()): string {
  if (!isWildcard(host)) return host;
  const families = host === '::' ? ['IPv4', 'IPv6'] : ['IPv4'];
  const usable = interfaces.filter((each) => !each.internal && !linkLocal.test(each.address));
  const chosen = families.flatMap((family) => usable.filter((each) => each.family === family));
  return chosen[0]?.address ?? (host === '::' ? '::1' : '127.0.0.1');
}

function allInterfaces(): readonly Interface[] {
  return Object.values(networkInterfaces()).flatMap((each) => each ?? []);
}
