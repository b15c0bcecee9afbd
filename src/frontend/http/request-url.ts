/**
 * The path and query of a request target, as later readers expect it: absolute form is cut to its
 * path (RFC 9112, 3.2.2), a fragment is cut off, and of several slashes in front one stays (loaders
 * of old send `//install/…`). Undefined for what names no path here, such as `*`.
 */
export function normalizeRequestUrl(target: string): string | undefined {
  const rest = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '').replace(/#.*$/s, '');
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest.replace(/^\/+/, '/') : undefined;
}
