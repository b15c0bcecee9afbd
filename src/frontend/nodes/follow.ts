import { createInterface } from 'node:readline';
import { askFrontend, noAnswer } from './control-request.ts';
import { type EventDocument, eventSchema, readDocument } from './documents.ts';
import { NodesError } from './errors.ts';
import { pathOf } from './operations.ts';
import { refusalOf } from './remote-operations.ts';

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
  let lost: unknown;
  answer.on('error', (error) => {
    lost = error;
  });
  for await (const line of createInterface({ input: answer, signal })) {
    if (line.startsWith('data: '))
      yield readDocument(eventSchema, parse(line.slice(6)), 'no-answer');
  }
  throw noAnswer(lost ?? 'the end of the events');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw noAnswer(cause);
  }
}
