import { InstallPathError, parseInstallUrl } from '../../protocol/install-path.ts';

/** What a URL below `/install/` names. `generation` undefined: the newest. */
export type InstallTarget =
  | { readonly kind: 'tree-list' }
  | { readonly kind: 'manifest' | 'torrent'; readonly tree: string; readonly generation?: number }
  | {
      readonly kind: 'file';
      readonly tree: string;
      readonly generation?: number;
      readonly path: string;
    }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'bad'; readonly reason: string };

const documentUrl = /^(.*)\.(manifest\.json|torrent)$/s;

/** Takes the URL of an install request apart. Whether what it names exists is another question. */
export function chooseInstallTarget(url: string): InstallTarget {
  const path = url.replace(/\?.*$/s, '');
  if (/^\/+install\/+trees\.json$/.test(path)) return { kind: 'tree-list' };
  try {
    return documentTarget(path) ?? fileTarget(path);
  } catch (error) {
    if (error instanceof InstallPathError) return { kind: 'bad', reason: error.message };
    throw error;
  }
}

/** `/install/<tree>[@generation].manifest.json` and `….torrent`. */
function documentTarget(path: string): InstallTarget | undefined {
  const match = documentUrl.exec(path);
  const named = match?.[1] === undefined ? undefined : parseInstallUrl(match[1]);
  if (match === null || named === undefined || named.path !== '') return undefined;
  // A slash before the suffix would make `.torrent` the name of a file.
  if (match[1]?.endsWith('/')) return undefined;
  const kind = match[2] === 'torrent' ? 'torrent' : 'manifest';
  return { kind, tree: named.tree, ...generationOf(named) };
}

function fileTarget(path: string): InstallTarget {
  const named = parseInstallUrl(path);
  if (named === undefined || named.path === '') return { kind: 'nothing' };
  return { kind: 'file', tree: named.tree, path: named.path, ...generationOf(named) };
}

function generationOf(named: { readonly generation: number | undefined }) {
  return named.generation === undefined ? {} : { generation: named.generation };
}
