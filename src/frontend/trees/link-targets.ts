/** What stands at a tree path: a file, a folder, or a symbolic link with this text. */
export type TreeNode = { readonly kind: 'file' | 'folder' } | LinkNode;
export type LinkNode = { readonly kind: 'link'; readonly target: string };

export type LinkFinding =
  | { readonly kind: 'inside'; readonly target: string }
  | { readonly kind: 'left-out'; readonly reason: string };

// As many as Linux follows before it answers ELOOP.
const maximumHops = 40;

/**
 * Follows a link to the file or folder that it names, as the kernel would, but never out of the
 * tree. `target` is the tree path of that file or folder, empty for the tree itself.
 */
export function resolveLink(
  path: string,
  nodes: ReadonlyMap<string, TreeNode>,
  /** Absolute paths that mean the tree itself. */
  rootPaths: readonly string[] = [],
): LinkFinding {
  const parts = path.split('/');
  let place = '';
  let hops = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (place === '') return leftOut('it leads out of the tree');
      place = parentOf(place);
      continue;
    }
    const next = place === '' ? part : `${place}/${part}`;
    const node = nodes.get(next);
    if (node === undefined) return leftOut(`it leads to '${next}', which is not in the tree`);
    if (node.kind === 'file' && parts.length > 0) return leftOut(`'${next}' is not a folder`);
    if (node.kind !== 'link') {
      place = next;
      continue;
    }
    hops += 1;
    if (hops > maximumHops) return leftOut('it leads in a circle');
    const target = fromRoot(node.target, rootPaths);
    if (target === undefined) return leftOut('it leads out of the tree');
    if (node.target.startsWith('/')) place = '';
    parts.unshift(...target.split('/'));
  }
  return { kind: 'inside', target: place };
}

/** A link's text as a path to go from here; undefined for an absolute path out of the tree. */
function fromRoot(target: string, rootPaths: readonly string[]): string | undefined {
  if (!target.startsWith('/')) return target;
  const root = rootPaths.find((each) => target === each || target.startsWith(`${each}/`));
  return root === undefined ? undefined : target.slice(root.length);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

function leftOut(reason: string): LinkFinding {
  return { kind: 'left-out', reason };
}
