import { isIP, isIPv4 } from 'node:net';
import { addressBytes, writeAddress } from './address-bytes.ts';

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

/** What formatEndpoint makes; the text itself where it is something else. */
export function readEndpoint(text: string): { readonly address: string; readonly port: number } {
  const [, ipv6, ipv4, port] = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(text) ?? [];
  return { address: normalizeAddress(ipv6 ?? ipv4) ?? text, port: Number(port ?? 0) };
}

/** A peer as trackers send it: 6 bytes (BEP 23) for IPv4, 18 (BEP 7) for IPv6. */
export function compactEndpoint(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(addressBytes + 2);
  writeAddress(bytes, 0, address);
  bytes.writeUInt16BE(port, addressBytes);
  return isIPv4(address) ? bytes.subarray(addressBytes - 4) : bytes;
}
