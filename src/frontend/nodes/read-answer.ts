import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { noAnswer } from './control-request.ts';
import { readDocument } from './documents.ts';
import { NodesError } from './errors.ts';

const refusalSchema = v.object({ error: v.string(), code: v.optional(v.string()) });
const codes = [
  ...(['bad-name', 'bad-mac', 'bad-uuid', 'bad-address', 'bad-role', 'bad-place'] as const),
  ...(['bad-class', 'bad-option', 'bad-action', 'bad-selection'] as const),
  ...(['bad-request', 'bad-type', 'too-long', 'taken', 'unknown', 'nothing-selected'] as const),
];

/**
 * The error that an answer other than 2xx stands for: `no-answer` for what may be otherwise when it
 * is asked again, `refused` for what is not.
 */
export async function refusalOf(answer: IncomingMessage): Promise<NodesError> {
  const told = await toldBy(answer);
  const said = told?.error ?? `status ${answer.statusCode}`;
  const code = codes.find((each) => each === told?.code);
  if (code !== undefined) return new NodesError(code, said);
  if (!isRefused(answer.statusCode ?? 0)) return noAnswer(said);
  return new NodesError('refused', told === undefined ? `expected an answer, got ${said}` : said);
}

/** What an answer that refuses says; undefined when it says nothing of ours. */
export async function toldBy(
  answer: IncomingMessage,
): Promise<v.InferOutput<typeof refusalSchema> | undefined> {
  const told = v.safeParse(refusalSchema, await bodyOf(answer).catch(() => undefined));
  return told.success ? told.output : undefined;
}

function isRefused(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429;
}

/** The JSON of an answer. Rejects with NodesError `no-answer` for anything else. */
export async function bodyOf(answer: IncomingMessage): Promise<unknown> {
  try {
    return JSON.parse(await text(answer));
  } catch (cause) {
    throw noAnswer(cause);
  }
}

/**
 * The documents of server-sent events as they come, until the answer ends in order. Throws NodesError
 * `no-answer` when it is cut off, or holds anything else.
 */
export async function* readServerSent<const Schema extends v.GenericSchema>(
  answer: IncomingMessage,
  schema: Schema,
  signal: AbortSignal,
): AsyncGenerator<v.InferOutput<Schema>, void> {
  let lost: unknown;
  answer.on('error', (error) => {
    lost = error;
  });
  for await (const line of createInterface({ input: answer, signal })) {
    if (line.startsWith('data: '))
      yield readDocument(schema, parse(line.slice('data: '.length)), 'no-answer');
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
