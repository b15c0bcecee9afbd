import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { askFrontend, type ControlCall, noAnswer } from './control-request.ts';
import {
  eventsAnswerSchema,
  nodeAnswerSchema,
  nodeOf,
  nodesAnswerSchema,
  readDocument,
  strangersAnswerSchema,
} from './documents.ts';
import { NodesError } from './errors.ts';
import { indexOf } from './node-index.ts';
import { type NodeOperations, nodesPath, pathOf, strangersPath } from './operations.ts';
import { selectNodes } from './selection.ts';

/** The frontend is not there (any more). */
export class NoFrontend extends Error {}

const errorSchema = v.object({ error: v.string(), code: v.optional(v.string()) });
const codes = [
  ...(['bad-name', 'bad-mac', 'bad-uuid', 'bad-address', 'bad-role', 'bad-place'] as const),
  ...(['bad-class', 'bad-option', 'bad-action', 'bad-selection'] as const),
  ...(['bad-request', 'taken', 'unknown', 'nothing-selected'] as const),
];

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

/**
 * The error that an answer other than 2xx stands for: `no-answer` for what may be otherwise when it
 * is asked again, `refused` for what is not.
 */
export async function refusalOf(answer: IncomingMessage): Promise<NodesError> {
  const told = v.safeParse(errorSchema, await bodyOf(answer).catch(() => undefined));
  const said = told.success ? told.output.error : `status ${answer.statusCode}`;
  const code = told.success ? codes.find((each) => each === told.output.code) : undefined;
  if (code !== undefined) return new NodesError(code, said);
  if (!isRefused(answer.statusCode ?? 0)) return noAnswer(said);
  return new NodesError('refused', told.success ? said : `expected an answer, got ${said}`);
}

function isRefused(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

async function bodyOf(answer: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await text(answer));
  } catch (cause) {
    throw noAnswer(cause);
  }
}
