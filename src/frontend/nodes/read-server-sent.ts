import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { noAnswer } from './control-request.ts';

/**
 * The JSON of server-sent events as they come, until the answer ends in order. Throws NodesError
 * `no-answer` when it is cut off, or holds anything else.
 */
export async function* readServerSent(
  answer: IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  let lost: unknown;
  answer.on('error', (error) => {
    lost = error;
  });
  for await (const line of createInterface({ input: answer, signal })) {
    if (line.startsWith('data: ')) yield parse(line.slice('data: '.length));
  }
  if (lost !== undefined || !answer.complete) throw noAnswer(lost ?? 'the end of the events');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw noAnswer(cause);
  }
}
