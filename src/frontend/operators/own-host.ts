import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * True when the Host header names this machine as somebody at this machine would: by an address, as
 * `localhost`, by its own name, or by a name without dots. A browser here that shows a page of
 * another site asks by the name of that site, even where its owner has made the name lead here.
 */
export function isOwnHost(header: string | undefined): boolean {
  // Only programs leave it out.
  if (header === undefined || header === '') return true;
  const host = header.toLowerCase().replace(/:\d*$/, '');
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0) return true;
  const name = host.replace(/\.$/, '');
  return !name.includes('.') || name === hostname().toLowerCase() || name.endsWith('.localhost');
}
