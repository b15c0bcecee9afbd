/** A path below a root, as `a/b`: no empty, `.` or `..` part; or why there is none. */
export type BootPath =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'refuse'; readonly reason: string };

const longestName = 512;

/**
 * Reads the name that a loader asks for. Slashes in front and doubled ones mean nothing; Windows'
 * and EDK2's backslashes are slashes, and of a UNC name only what follows server and share counts.
 * What could lead elsewhere is refused, also when it is percent-encoded (once more).
 */
export function readBootPath(name: string): BootPath {
  if (Buffer.byteLength(name) > longestName) return refuse('a name that is too long');
  if (!name.isWellFormed() || /\p{Cc}/u.test(name)) {
    return refuse('control characters in the name');
  }
  if (/%(?:00|25|2e|2f|5c)/i.test(name)) return refuse('an encoded dot or slash');
  const parts = withoutShare(name)
    .split(/[/\\]/)
    .filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) return refuse("'..', which leads out of the root");
  return parts.length === 0 ? refuse('no name') : { kind: 'path', path: parts.join('/') };
}

/** `\\server\share\a\b` is `a\b` on the server that was asked. */
function withoutShare(name: string): string {
  return name.replace(/^\\\\[^\\/]+\\[^\\/]+\\(?=.)/, '');
}

function refuse(what: string): BootPath {
  return { kind: 'refuse', reason: `expected the name of a file below the root, got ${what}` };
}
