import { ScreeError } from '../runtime/errors.ts';

/**
 * What `/install/…` URLs and tree paths may look like. `/install/<tree>/<path>` names the newest
 * generation of a tree, `/install/<tree>@<generation>/<path>` a certain one.
 */
export class InstallPathError extends ScreeError<'bad-path' | 'bad-tree-name'> {}

export const treeNamePattern = /^(?!.*\.torrent$)(?!.*\.json$)(?!sbin$)[a-z0-9][a-z0-9._-]{0,63}$/;

export type InstallPath = {
  readonly tree: string;
  /** Undefined: the newest. */
  readonly generation: number | undefined;
  /** The path in the tree, decoded, without a leading slash; empty for the tree itself. */
  readonly path: string;
};

/** True for a path that stays inside its tree: relative, no empty, `.` or `..` segment, no NUL. */
export function isSafeTreePath(path: string): boolean {
  if (path === '' || path.includes('\0') || !path.isWellFormed()) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

export function checkTreeName(name: string): string {
  if (treeNamePattern.test(name)) return name;
  throw new InstallPathError(
    'bad-tree-name',
    `expected a tree name of a-z, 0-9, '.', '_' and '-' (at most 64, not 'sbin', not ending in ` +
      `.torrent or .json), got '${name}'`,
  );
}

/**
 * Takes the path of a request URL apart (percent-decoded once, `//` tolerated, query cut off).
 * Returns undefined for a URL that is not below `/install/<tree>`; throws InstallPathError for
 * one that tries to leave its tree or is not valid percent-encoded UTF-8 (RFC 3986).
 */
export function parseInstallUrl(url: string): InstallPath | undefined {
  const rawPath = url.replace(/[?#].*$/s, '');
  const segments = decodePath(rawPath)
    .split('/')
    .filter((part) => part !== '');
  if (segments[0] !== 'install' || segments[1] === undefined) return undefined;
  const [tree = '', generationText] = segments[1].split(/@(?=[1-9]\d{0,8}$)/);
  if (!treeNamePattern.test(tree)) return undefined;
  const path = segments.slice(2).join('/');
  if (path !== '' && !isSafeTreePath(path)) {
    throw new InstallPathError('bad-path', `expected a path inside the tree, got '${rawPath}'`);
  }
  return { tree, generation: generationText ? Number(generationText) : undefined, path };
}

/** The URL path of a file of a tree, percent-encoded segment by segment. */
export function installUrlPath(tree: string, path: string, generation?: number): string {
  const root = generation === undefined ? tree : `${tree}@${generation}`;
  return `/install/${root}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

function decodePath(rawPath: string): string {
  try {
    return decodeURIComponent(rawPath);
  } catch (cause) {
    throw new InstallPathError('bad-path', `expected percent-encoded UTF-8, got '${rawPath}'`, {
      cause,
    });
  }
}
