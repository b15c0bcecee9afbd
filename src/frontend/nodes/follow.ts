import { askFrontend, noAnswer } from './control-request.ts';
import { type EventDocument, eventSchema } from './documents.ts';
import { NodesError } from './errors.ts';
import { pathOf } from './operations.ts';
import { readServerSent, refusalOf } from './read-answer.ts';

/**
 * The story of a machine so far, then each event as it happens, until `signal` is aborted. Throws
 * NodesError `not-running` without a frontend, `no-answer` when it ends.
 */
export async function* followEvents(
  state: string,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<EventDocument, void> {
  try {
    yield* readStream(state, name, signal);
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof NodesError ? error : noAnswer(error);
  }
}

async function* readStream(
  state: string,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<EventDocument, void> {
  const path = `${pathOf(name)}/events?follow`;
  const answer = await askFrontend(state, { method: 'GET', path, signal });
  if (answer === undefined) {
    const message = `expected a frontend that runs on '${state}', found none`;
    throw new NodesError('not-running', `${message}; start it, or leave out --follow`);
  }
  if (answer.statusCode !== 200) throw await refusalOf(answer);
  yield* readServerSent(answer, eventSchema, signal);
  throw noAnswer('the end of the events');
}
