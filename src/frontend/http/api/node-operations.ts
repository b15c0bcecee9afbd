import * as v from 'valibot';
import { builtInInstallActions } from '../../nodes/boot-actions.ts';
import {
  bootOrderSchema,
  changeOrderSchema,
  documentOf,
  newNodeSchema,
  nodeAnswerSchema,
  nodePatchSchema,
  nodesAnswerSchema,
  selectionSchema,
  undoOrderSchema,
} from '../../nodes/documents.ts';
import { selectNodes } from '../../nodes/selection.ts';
import { nodeNamed } from '../../nodes/stories.ts';
import type { MachineNode } from '../../nodes/types.ts';
import type { ApiDeps } from './deps.ts';
import { defineOperation, type Operation } from './operation.ts';
import { bootActionSchema } from './schemas.ts';

const tag = 'nodes';

/** The machines, and what they boot. */
export function nodeOperations({ nodes, bootActions, ...deps }: ApiDeps): readonly Operation[] {
  const { installActions = builtInInstallActions } = deps;
  const { store, audit } = nodes;
  return [
    defineOperation({
      ...{ method: 'GET', path: '/nodes', id: 'listNodes', tag, scope: 'read' },
      summary: 'All nodes, or those of a selection',
      query: { select: { kind: 'texts', description: 'Words of a selection; all unless given.' } },
      refusals: [404],
      answer: nodesAnswerSchema,
      run: ({ query }) => {
        store.refresh();
        return nodesOf(selectNodes(store, query.select ?? ['all']));
      },
    }),
    defineOperation({
      ...{ method: 'POST', path: '/nodes', id: 'addNode', tag, scope: 'admin' },
      summary: 'Makes a machine known',
      body: newNodeSchema,
      status: 201,
      refusals: [409],
      answer: nodeAnswerSchema,
      run: ({ body, operator }) => nodeOf(audit.as(operator, () => store.add(body))),
    }),
    defineOperation({
      ...{ method: 'POST', path: '/nodes/boot', id: 'bootNodes', tag, scope: 'boot' },
      summary: 'What all nodes of a selection boot next',
      body: bootOrderSchema,
      refusals: [404],
      answer: nodesAnswerSchema,
      run: ({ body: { selection, action }, operator }) =>
        nodesOf(audit.as(operator, () => store.boot(selection, action))),
    }),
    defineOperation({
      ...{ method: 'POST', path: '/nodes/undo', id: 'undoOrders', tag, scope: 'boot' },
      summary:
        'Takes back the latest order of those nodes of a selection that have not booted since; ' +
        'answers which those are',
      body: undoOrderSchema,
      refusals: [404],
      answer: nodesAnswerSchema,
      run: ({ body: { selection, orderedAtMs }, operator }) =>
        nodesOf(audit.as(operator, () => store.undo(selection, orderedAtMs))),
    }),
    defineOperation({
      ...{ method: 'POST', path: '/nodes/set', id: 'setNodes', tag, scope: 'admin' },
      summary: 'The same change of all nodes of a selection, or of none',
      body: changeOrderSchema,
      refusals: [404, 409],
      answer: nodesAnswerSchema,
      run: ({ body: { selection, patch }, operator }) =>
        nodesOf(audit.as(operator, () => store.setAll(selection, patch))),
    }),
    defineOperation({
      ...{ method: 'POST', path: '/nodes/remove', id: 'removeNodes', tag, scope: 'admin' },
      summary: 'Forgets all nodes of a selection',
      body: selectionSchema,
      refusals: [404],
      answer: nodesAnswerSchema,
      run: ({ body, operator }) =>
        nodesOf(audit.as(operator, () => store.removeAll(body.selection))),
    }),
    defineOperation({
      ...{ method: 'GET', path: '/nodes/{name}', id: 'showNode', tag, scope: 'read' },
      summary: 'One node',
      refusals: [404],
      answer: nodeAnswerSchema,
      run: ({ name }) => {
        store.refresh();
        return nodeOf(nodeNamed(store, name));
      },
    }),
    defineOperation({
      ...{ method: 'PATCH', path: '/nodes/{name}', id: 'setNode', tag, scope: 'admin' },
      summary: 'Changes a node; what is left out stays, null unsets',
      body: nodePatchSchema,
      refusals: [404, 409],
      answer: nodeAnswerSchema,
      run: ({ name, body, operator }) => nodeOf(audit.as(operator, () => store.set(name, body))),
    }),
    defineOperation({
      ...{ method: 'DELETE', path: '/nodes/{name}', id: 'removeNode', tag, scope: 'admin' },
      summary: 'Forgets a node; answers what it was',
      refusals: [404],
      answer: nodeAnswerSchema,
      run: ({ name, operator }) => nodeOf(audit.as(operator, () => store.remove(name))),
    }),
    defineOperation({
      ...{ method: 'GET', path: '/boot-actions', id: 'listBootActions', tag, scope: 'read' },
      summary: 'What nodes can be made to boot',
      answer: v.object({ bootActions: v.array(bootActionSchema) }),
      run: () => ({
        bootActions: [...bootActions].map(([name, plan]) => {
          if (plan.kind === 'local') return { name, kind: plan.kind };
          const { kind, kernel, initrds, args } = plan;
          return { name, kind, kernel, initrds, args, installs: installActions.has(name) };
        }),
      }),
    }),
  ];
}

function nodeOf(node: MachineNode) {
  return { node: documentOf(node) };
}

function nodesOf(nodes: readonly MachineNode[]) {
  return { nodes: nodes.map(documentOf) };
}
