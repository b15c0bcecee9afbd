import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * True when the Host header names this machine as somebody at this machine would: by an address, as
 * `localhost`, or by its own name, in full or without its domain. A browser here that shows a page
 * of another site asks by the name of that site, even where its owner has made the name lead here.
 */
export function isOwnHost(header: string | undefined): boolean {
  // Only programs leave it out.
  if (header === undefined || header === '') return true;
  const host = header.toLowerCase().replace(/:\d*$/, '');
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0) return true;
  const name = host.replace(/\.$/, '');
  const own = hostname().toLowerCase();
  return /^(?:.+\.)?localhost$/.test(name) || name === own || name === own.split('.', 1)[0];
}
