import { isIP, isIPv4 } from 'node:net';

/**
 * A socket's address as the tracker compares and hands it out: IPv4 also where the socket is a
 * dual-stack IPv6 one (`::ffff:10.1.1.7`), no zone. Undefined for what is no IP address.
 */
export function normalizeAddress(raw: string | undefined): string | undefined {
  const address = raw?.replace(/%.*$/s, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return address !== undefined && isIP(address) !== 0 ? address : undefined;
}

export function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'));
}

export function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** `10.1.1.7:6881`, `[fd00::7]:6881`. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** A peer as trackers send it: 6 bytes (BEP 23) for IPv4, 18 (BEP 7) for IPv6. */
export function compactEndpoint(address: string, port: number): Buffer {
  const host = isIPv4(address) ? address.split('.').map(Number) : ipv6Bytes(address);
  return Buffer.from([...host, port >>> 8, port & 0xff]);
}

function ipv6Bytes(address: string): readonly number[] {
  const [head = '', tail = ''] = address.split('::');
  const start = head.split(':').flatMap(groupBytes);
  const end = tail.split(':').flatMap(groupBytes);
  return [...start, ...new Array<number>(16 - start.length - end.length).fill(0), ...end];
}

function groupBytes(group: string): readonly number[] {
  if (group === '') return [];
  if (group.includes('.')) return group.split('.').map(Number);
  const value = Number.parseInt(group, 16);
  return [value >>> 8, value & 0xff];
}
