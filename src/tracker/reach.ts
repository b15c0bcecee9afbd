import { isIPv4 } from 'node:net';
import { isLoopback } from './address.ts';

/** Who can open a connection to an address. */
export const reaches = ['ipv4', 'ipv6', 'ipv4-loopback', 'ipv6-loopback'] as const;
export type Reach = (typeof reaches)[number];

/** The addresses that a reply can carry: a UDP reply holds one family only (BEP 15). */
export type ReplyFamily = 'ipv4' | 'ipv6' | 'both';

export function reachOf(address: string): Reach {
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  return isLoopback(address) ? `${family}-loopback` : family;
}

/** A loopback address is of use only to those who themselves asked from one. */
export function canReach(peer: Reach, asker: Reach, family: ReplyFamily): boolean {
  if (family !== 'both' && !peer.startsWith(family)) return false;
  return !peer.endsWith('loopback') || asker.endsWith('loopback');
}
