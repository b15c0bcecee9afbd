import type Router from '@koa/router';
import type { Context } from 'koa';
import { DatabaseError } from '../../runtime/database.ts';
import {
  bootOrderSchema,
  changeOrderSchema,
  documentOf,
  eventDocumentOf,
  newNodeSchema,
  nodePatchSchema,
  readDocument,
  selectionSchema,
  strangerDocumentOf,
} from '../nodes/documents.ts';
import { NodesError } from '../nodes/errors.ts';
import type { NodeRecords } from '../nodes/records.ts';
import { selectNodes } from '../nodes/selection.ts';
import { machinesOf, nodeNamed, strangersOf } from '../nodes/stories.ts';
import type { MachineNode } from '../nodes/types.ts';
import { readJsonBody } from './node-body.ts';
import { createEventStreams } from './node-event-stream.ts';

const statuses = new Map<string, number>([
  ['unknown', 404],
  ['nothing-selected', 404],
  ['taken', 409],
  ['unusable', 500],
]);

/** The nodes and their stories, for operators: nobody else may reach these routes. */
export function addNodeRoutes(
  router: Router,
  records: Pick<NodeRecords, 'store' | 'events'>,
): void {
  const { store, events } = records;
  const streams = createEventStreams(events);
  router.get('/api/v1/nodes', (context) =>
    answering(context, async () => {
      store.refresh();
      const { select } = context.query;
      const words = select === undefined ? ['all'] : [select].flat();
      return { nodes: selectNodes(store, words).map(documentOf) };
    }),
  );
  router.post('/api/v1/nodes', (context) =>
    answering(context, async () => {
      const node = store.add(readDocument(newNodeSchema, await readJsonBody(context.req)));
      context.status = 201;
      return answerOf(node);
    }),
  );
  router.post('/api/v1/nodes/boot', (context) =>
    answering(context, async () => {
      const { selection, action } = readDocument(bootOrderSchema, await readJsonBody(context.req));
      return { nodes: store.boot(selection, action).map(documentOf) };
    }),
  );
  router.post('/api/v1/nodes/set', (context) =>
    answering(context, async () => {
      const { selection, patch } = readDocument(changeOrderSchema, await readJsonBody(context.req));
      return { nodes: store.setAll(selection, patch).map(documentOf) };
    }),
  );
  router.post('/api/v1/nodes/remove', (context) =>
    answering(context, async () => {
      const { selection } = readDocument(selectionSchema, await readJsonBody(context.req));
      return { nodes: store.removeAll(selection).map(documentOf) };
    }),
  );
  router.get('/api/v1/nodes/:name', (context) =>
    answering(context, async () => {
      store.refresh();
      return answerOf(nodeNamed(store, nameIn(context)));
    }),
  );
  router.patch('/api/v1/nodes/:name', (context) =>
    answering(context, async () => {
      const patch = readDocument(nodePatchSchema, await readJsonBody(context.req));
      return answerOf(store.set(nameIn(context), patch));
    }),
  );
  router.delete('/api/v1/nodes/:name', (context) =>
    answering(context, async () => answerOf(store.remove(nameIn(context)))),
  );
  router.get('/api/v1/strangers', (context) =>
    answering(context, async () => ({ strangers: strangersOf(records).map(strangerDocumentOf) })),
  );
  router.get('/api/v1/nodes/:name/events', (context) =>
    answering(context, async () => {
      const machines = machinesOf(store, nameIn(context));
      if (context.query.follow === undefined) {
        return { events: events.read(machines).map(eventDocumentOf) };
      }
      context.respond = false;
      await streams.send({ request: context.req, response: context.res }, machines);
      return undefined;
    }),
  );
}

/** Mistakes of the operator, and a database that cannot be used, are told with their code. */
async function answering(context: Context, work: () => Promise<unknown>): Promise<void> {
  try {
    const body = await work();
    if (body !== undefined) context.body = body;
  } catch (error) {
    if (!(error instanceof NodesError) && !(error instanceof DatabaseError)) throw error;
    context.status = statuses.get(error.code) ?? 400;
    context.body = { error: error.message, code: error.code };
  }
}

function nameIn(context: Context): string {
  return String(context.params.name);
}

function answerOf(node: MachineNode) {
  return { node: documentOf(node) };
}
