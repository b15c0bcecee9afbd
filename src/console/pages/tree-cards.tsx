import type { InferOutput } from 'valibot';
import type { brokenTreeSchema, treeSchema } from '../../frontend/http/api/schemas.ts';
import { formatBytes } from '../../runtime/units.ts';
import { formatTime } from '../data/times.ts';
import { Empty } from '../parts/notices.tsx';

type Tree = InferOutput<typeof treeSchema>;
type Broken = InferOutput<typeof brokenTreeSchema>;
type TreesAnswer = { readonly trees: readonly Tree[]; readonly broken: readonly Broken[] };

/** What is served, and how whole it is. */
export function Trees({ trees, broken }: TreesAnswer) {
  if (trees.length + broken.length === 0) {
    return (
      <Empty text="No tree is served yet.">
        <p>
          <code>scree tree add NAME FOLDER|ISO</code> adds one.
        </p>
      </Empty>
    );
  }
  const newest = new Map(trees.map(({ name, generation }) => [name, generation]));
  return (
    <div class="cards">
      {broken.map(({ tree, generation, reason }) => (
        <div class="card bad" key={`${tree}@${generation}`}>
          <h3>
            {tree} <small>generation {generation}</small>
          </h3>
          <p class="problem">Not served: {reason}</p>
        </div>
      ))}
      {trees.toReversed().map((tree) => (
        <TreeCard
          key={tree.infohash}
          tree={tree}
          isNewest={newest.get(tree.name) === tree.generation}
        />
      ))}
    </div>
  );
}

function TreeCard({ tree, isNewest }: { readonly tree: Tree; readonly isNewest: boolean }) {
  const { name, generation, totalSize, fileCount, createdAt, changedFiles } = tree;
  return (
    <div class={changedFiles.length > 0 ? 'card bad' : 'card'}>
      <h3>
        {name} <small>generation {generation}</small>
        {isNewest && <small class="tag">newest</small>}
      </h3>
      <p>
        {formatBytes(totalSize)} in {fileCount} files
      </p>
      <p class="muted">added {formatTime(Date.parse(createdAt))}</p>
      {changedFiles.length === 0 ? (
        <p class="good">✓ whole: no file was found changed</p>
      ) : (
        <details>
          <summary class="problem">
            {changedFiles.length} files have changed since, and are not served
          </summary>
          <ul>
            {changedFiles.map((path) => (
              <li key={path}>
                <code>{path}</code>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}
