import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { resolveLink, type TreeNode } from '../../../src/frontend/trees/link-targets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const part = fc.constantFrom('a', 'b', 'c', '..', '.');
const target = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
const place = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'));
const node = fc.record({ path: place, target: fc.option(target, { nil: undefined }) });

/** Writes what fits; what would be below a file or a link is left out. */
async function build(
  root: string,
  wanted: readonly { path: string; target: string | undefined }[],
) {
  const nodes = new Map<string, TreeNode>();
  for (const { path, target: text } of wanted) {
    const parents = parentsOf(path);
    const fits = parents.every((parent) => (nodes.get(parent)?.kind ?? 'folder') === 'folder');
    if (!fits || nodes.has(path)) continue;
    for (const parent of parents) nodes.set(parent, { kind: 'folder' });
    await mkdir(join(root, dirname(path)), { recursive: true });
    if (text === undefined) await writeFile(join(root, path), '');
    else await symlink(text, join(root, path));
    nodes.set(path, text === undefined ? { kind: 'file' } : { kind: 'link', target: text });
  }
  return nodes;
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join('/'));
}

test('a link leads where the kernel says, or out of the tree, or nowhere', async (t) => {
  const property = fc.asyncProperty(fc.array(node, { maxLength: 12 }), async (wanted) => {
    const root = await realpath(await temporaryFolder(t));
    const nodes = await build(root, wanted);
    for (const [path, { kind }] of nodes) {
      if (kind !== 'link') continue;
      const finding = resolveLink(path, nodes);
      const real = await realpath(join(root, path)).catch(() => undefined);
      const inside = real === undefined ? '..' : relative(root, real);
      if (finding.kind === 'inside') t.is(finding.target, inside);
      // A way that leaves the tree and comes back is not followed: it would not be there elsewhere.
      else if (!inside.startsWith('..')) t.regex(finding.reason, /out of the tree/);
    }
  });
  await t.notThrowsAsync(fc.assert(property, { numRuns: 150 }));
});

test('a chain is followed as far as the kernel would, and circles end', (t) => {
  const nodes = new Map<string, TreeNode>([['file', { kind: 'file' }]]);
  for (let at = 0; at < 50; at += 1) {
    nodes.set(`l${at}`, { kind: 'link', target: at === 0 ? 'file' : `l${at - 1}` });
  }
  t.deepEqual(resolveLink('l39', nodes), { kind: 'inside', target: 'file' });
  t.is(resolveLink('l40', nodes).kind, 'left-out');
  nodes.set('x', { kind: 'link', target: 'y/z' });
  nodes.set('y', { kind: 'link', target: 'x/../x' });
  t.is(resolveLink('x', nodes).kind, 'left-out');
});

test('an absolute link is inside only below a path that means the tree', (t) => {
  const nodes = new Map<string, TreeNode>([
    ['pool', { kind: 'folder' }],
    ['in', { kind: 'link', target: '/srv/mirror/pool' }],
    ['near', { kind: 'link', target: '/srv/mirror2/pool' }],
    ['root', { kind: 'link', target: '/srv/mirror' }],
  ]);
  const roots = ['/data/mirror', '/srv/mirror'];
  t.deepEqual(resolveLink('in', nodes, roots), { kind: 'inside', target: 'pool' });
  t.deepEqual(resolveLink('root', nodes, roots), { kind: 'inside', target: '' });
  t.is(resolveLink('near', nodes, roots).kind, 'left-out');
  t.is(resolveLink('in', nodes).kind, 'left-out');
});
