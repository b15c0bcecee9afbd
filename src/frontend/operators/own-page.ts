import type { IncomingHttpHeaders } from 'node:http';

/**
 * False when a browser says that another site than this one began the request. Browsers send
 * `Origin` with whatever may change something, and `Sec-Fetch-Site` only to where nobody listens:
 * to HTTPS and to their own machine. Programs send neither.
 */
export function isOfOwnPage({ host, origin, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site === 'cross-site' || site === 'same-site') return false;
  return origin === undefined || (host !== undefined && hostOf(origin) === host.toLowerCase());
}

/** Undefined of what has none, such as `null`, which stands for a page that hides where it is from. */
function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host || undefined;
}
