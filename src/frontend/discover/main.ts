import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { askFrontend, noAnswer } from '../nodes/control-request.ts';
import { readDocument } from '../nodes/documents.ts';
import { NodesError } from '../nodes/errors.ts';
import { readServerSent } from '../nodes/read-server-sent.ts';
import {
  type DiscoverEvent,
  type DiscoverOrderDocument,
  discoverEventSchema,
} from './documents.ts';
import { DiscoverError } from './errors.ts';

/** Where the frontend serves it. */
const discoverPath = '/api/v1/discover';

const refusalSchema = v.object({ error: v.string(), code: v.optional(v.string()) });
const ownCodes = ['bad-order', 'already-running', 'no-dhcp'] as const;

/**
 * Lets the frontend of a state folder make nodes of unknown machines, until `signal` is aborted or
 * it has found as many as it was to; tells what happens. Throws DiscoverError, or NodesError
 * `no-answer` when the frontend ends in the middle.
 */
export async function* discover(
  state: string,
  order: DiscoverOrderDocument,
  signal: AbortSignal,
): AsyncGenerator<DiscoverEvent, void> {
  try {
    yield* readEvents(state, order, signal);
  } catch (error) {
    if (signal.aborted) return;
    const isTold = error instanceof DiscoverError || error instanceof NodesError;
    throw isTold ? error : noAnswer(error);
  }
}

async function* readEvents(
  state: string,
  order: DiscoverOrderDocument,
  signal: AbortSignal,
): AsyncGenerator<DiscoverEvent, void> {
  const call = { method: 'POST', path: discoverPath, body: order, signal } as const;
  const answer = await askFrontend(state, call);
  if (answer === undefined) {
    const message = `expected a frontend that runs on '${state}', found none`;
    throw new DiscoverError('not-running', `${message}; start it with 'scree frontend'`);
  }
  if (answer.statusCode !== 200) throw await refusalOf(answer);
  for await (const value of readServerSent(answer, signal)) {
    const event = readDocument(discoverEventSchema, value, 'no-answer');
    yield event;
    if (event.event === 'ended' && event.reason === 'count') return;
  }
  throw noAnswer('that it stops');
}

async function refusalOf(answer: IncomingMessage): Promise<DiscoverError> {
  const told = v.safeParse(refusalSchema, parse(await text(answer)));
  if (!told.success) throw noAnswer(`status ${answer.statusCode}`);
  const { error, code } = told.output;
  // Whatever it is about, what was ordered has to be another.
  return new DiscoverError(ownCodes.find((each) => each === code) ?? 'bad-order', error);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw noAnswer(cause);
  }
}
