import * as v from 'valibot';
import type { Generation } from '../../trees/types.ts';
import type { ApiDeps } from './deps.ts';
import { defineOperation, type Operation } from './operation.ts';
import { brokenTreeSchema, treesSchema } from './schemas.ts';

const tag = 'trees';

/** The package trees that are served. */
export function treeOperations({ nodes, trees, reload }: ApiDeps): readonly Operation[] {
  return [
    defineOperation({
      ...{ method: 'GET', path: '/trees', id: 'listTrees', tag, scope: 'read' },
      summary: 'All generations that are served, and those that cannot be',
      answer: treesSchema,
      run: () => treesOf(trees),
    }),
    defineOperation({
      ...{ method: 'POST', path: '/trees/reload', id: 'reloadTrees', tag, scope: 'admin' },
      summary: "Takes in what 'scree tree' has changed in the state folder",
      answer: v.object({
        added: v.array(v.string()),
        removed: v.array(v.string()),
        broken: v.array(brokenTreeSchema),
      }),
      run: async ({ operator }) => {
        const report = await reload();
        const { added, removed } = report;
        const targets = [...added, ...removed];
        nodes.audit.record({
          ...{ by: operator, action: 'trees reload', targets },
          detail: { added: added.length, removed: removed.length },
        });
        return report;
      },
    }),
  ];
}

export function treesOf(trees: ApiDeps['trees']) {
  return { trees: trees.all().map(describeTree), broken: trees.broken() };
}

function describeTree(generation: Generation) {
  return {
    name: generation.tree,
    generation: generation.generation,
    infohash: generation.metainfo.infohash,
    totalSize: generation.manifest.totalSize,
    fileCount: generation.manifest.files.length,
    createdAt: generation.manifest.createdAt,
    changedFiles: generation.changedFiles(),
  };
}
