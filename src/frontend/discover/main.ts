import type { IncomingMessage } from 'node:http';
import { askFrontend, noAnswer } from '../nodes/control-request.ts';
import { NodesError } from '../nodes/errors.ts';
import { readServerSent, toldBy } from '../nodes/read-answer.ts';
import {
  type DiscoverEvent,
  type DiscoverOrderDocument,
  discoverEventSchema,
} from './documents.ts';
import { DiscoverError } from './errors.ts';

/** Where the frontend serves it. */
const discoverPath = '/api/v1/discover';

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
  for await (const event of readServerSent(answer, discoverEventSchema, signal)) {
    yield event;
    if (event.event === 'ended' && event.reason === 'count') return;
  }
  throw noAnswer('that it stops');
}

async function refusalOf(answer: IncomingMessage): Promise<Error> {
  const told = await toldBy(answer);
  if (told === undefined) return noAnswer(`status ${answer.statusCode}`);
  // Whatever it is about, what was ordered has to be another.
  return new DiscoverError(ownCodes.find((code) => code === told.code) ?? 'bad-order', told.error);
}
