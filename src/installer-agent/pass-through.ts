import type { IncomingMessage } from 'node:http';
import { messageOf } from '../runtime/errors.ts';
import { AgentError, statusFor } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { FrontendLink } from './frontend-link.ts';
import { hasBody, requestHeadersFor, responseHeadersFor } from './headers.ts';
import type { Limits } from './limits.ts';

export type PassThroughDeps = {
  readonly link: FrontendLink;
  readonly limits: Pick<Limits, 'reconnectMs' | 'reconnectForAbsentMs'>;
  readonly onBytes: (sizeBytes: number) => void;
};

export type Onward = {
  readonly target: string;
  /** Set when a verified manifest says that there is no such file: then that is the answer. */
  readonly absentFrom?: string;
};

/**
 * Hands a request on to the frontend and its answer back, both as they are: status, headers and
 * body. A body that breaks off there breaks off here. Rejects when there is no answer.
 */
export async function passThrough(
  exchange: Exchange,
  onward: Onward,
  deps: PassThroughDeps,
): Promise<void> {
  const answer = await askFrontend(exchange, onward, deps);
  if (answer === undefined) {
    exchange.fail(404, `no such file in ${onward.absentFrom}, and the frontend is not reachable`);
    return;
  }
  const { response } = exchange;
  // A Date that the frontend did not send is not added.
  response.sendDate = false;
  const { statusCode = 502, statusMessage = '' } = answer;
  response.writeHead(statusCode, statusMessage, responseHeadersFor(answer));
  response.flushHeaders();
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    deps.onBytes(chunk.length);
    await exchange.write(chunk);
  }
  response.end();
  // What the frontend did not want of a body is not wanted here either.
  exchange.request.resume();
}

async function askFrontend(
  { request, signal }: Exchange,
  { target, absentFrom }: Onward,
  { link, limits }: PassThroughDeps,
): Promise<IncomingMessage | undefined> {
  const isAbsent = absentFrom !== undefined;
  try {
    return await link.ask({
      method: request.method ?? 'GET',
      path: target,
      headers: requestHeadersFor(link.url.host, request),
      ...(hasBody(request) ? { body: request } : {}),
      signal,
      reconnectMs: isAbsent ? limits.reconnectForAbsentMs : limits.reconnectMs,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (isAbsent && statusFor(error) === 504) return undefined;
    if (error instanceof AgentError) throw error;
    throw new AgentError('refused', `request not passed on: ${messageOf(error)}`, { cause: error });
  }
}
