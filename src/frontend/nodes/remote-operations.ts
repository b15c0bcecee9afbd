import type * as v from 'valibot';
import { askFrontend, type ControlCall } from './control-request.ts';
import {
  eventsAnswerSchema,
  nodeAnswerSchema,
  nodeOf,
  nodesAnswerSchema,
  readDocument,
  strangersAnswerSchema,
} from './documents.ts';
import { indexOf } from './node-index.ts';
import { type NodeOperations, nodesPath, pathOf, strangersPath } from './operations.ts';
import { bodyOf, refusalOf } from './read-answer.ts';
import { selectNodes } from './selection.ts';

/** The frontend is not there (any more). */
export class NoFrontend extends Error {}

/**
 * The operations through the frontend of a state folder. All of them throw NoFrontend when none
 * runs, and NodesError `no-answer` when it is there and does not answer as expected.
 */
export function createRemoteOperations(state: string): NodeOperations {
  const node = async (call: ControlCall) => nodeOf((await ask(state, call, nodeAnswerSchema)).node);
  const nodes = async (call: ControlCall) =>
    (await ask(state, call, nodesAnswerSchema)).nodes.map(nodeOf);
  const order = (verb: string, body: unknown) =>
    nodes({ method: 'POST', path: `${nodesPath}/${verb}`, body });
  return {
    list: async (selection) => {
      const all = await nodes({ method: 'GET', path: nodesPath });
      return selection === undefined ? all : selectNodes(indexOf(all), selection);
    },
    show: (name) => node({ method: 'GET', path: pathOf(name) }),
    add: (body) => node({ method: 'POST', path: nodesPath, body }),
    set: (selection, patch) => order('set', { selection, patch }),
    remove: (selection) => order('remove', { selection }),
    boot: (selection, action) => order('boot', { selection, action }),
    undo: (selection) => order('undo', { selection }),
    strangers: async () => {
      const call = { method: 'GET', path: strangersPath } as const;
      return (await ask(state, call, strangersAnswerSchema)).strangers;
    },
    events: async (name) => {
      const call = { method: 'GET', path: `${pathOf(name)}/events` } as const;
      return (await ask(state, call, eventsAnswerSchema)).events;
    },
  };
}

async function ask<const Schema extends v.GenericSchema>(
  state: string,
  call: ControlCall,
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const answer = await askFrontend(state, call);
  if (answer === undefined) throw new NoFrontend();
  if ((answer.statusCode ?? 0) >= 300) throw await refusalOf(answer);
  return readDocument(schema, await bodyOf(answer), 'no-answer');
}
