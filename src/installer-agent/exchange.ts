import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AgentError } from './errors.ts';
import { createWatchdog } from './watchdog.ts';

/** One request and its response. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the installer goes away, and when nothing moved for too long. */
  readonly signal: AbortSignal;
  /** Sends a part of the body. Resolves when its bytes are not looked at any more. */
  readonly write: (chunk: Buffer) => Promise<void>;
  /** Answers with a text, or cuts the connection when an answer has begun. */
  readonly fail: (status: number, reason: string) => void;
};

export type ExchangeControl = {
  readonly exchange: Exchange;
  /** Until then it waits behind others of its connection, which is not counted as a stall. */
  readonly begin: () => void;
  /** Resolves when nothing is to be done any more. */
  readonly ended: Promise<void>;
  /** The connection is gone. */
  readonly abort: () => void;
};

export type ExchangeOptions = {
  readonly stallMs: number;
  readonly onStall: (reason: string) => void;
};

export function createExchange(
  request: IncomingMessage,
  response: ServerResponse,
  options: ExchangeOptions,
): ExchangeControl {
  const abort = new AbortController();
  const { signal } = abort;
  let hasBegun = false;
  let endWrite: ((error: unknown) => void) | undefined;
  const exchange: Exchange = {
    request,
    response,
    signal,
    write: (chunk) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        endWrite = reject;
        response.write(chunk, (error) => {
          endWrite = undefined;
          if (error) end();
          watchdog.progress();
          if (signal.aborted) reject(signal.reason);
          else resolve();
        });
      }),
    fail: (status, reason) => failResponse(exchange, status, reason),
  };
  const watchdog = createWatchdog({
    limitMs: options.stallMs,
    isPaused: () => endWrite !== undefined || response.writableEnded || !hasBegun,
    onStall: () => {
      const text = `expected bytes for this answer, none came for ${options.stallMs} ms`;
      options.onStall(text);
      failResponse(exchange, 504, text);
      abort.abort(new AgentError('stalled', text));
    },
  });
  const end = () => abort.abort(new Error('the installer went away'));
  const ended = new Promise<void>((resolve) => {
    const onAbort = () => {
      endWrite?.(signal.reason);
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    response.once('close', resolve);
  }).then(() => {
    watchdog.stop();
    if (!response.writableFinished) end();
  });
  // A write after the connection is gone is reported here; `close` has said it already.
  response.on('error', () => {});
  return {
    exchange,
    begin: () => {
      hasBegun = true;
      watchdog.progress();
    },
    ended,
    abort: end,
  };
}

function failResponse({ request, response }: Exchange, status: number, reason: string): void {
  if (response.headersSent || response.destroyed) {
    // One that waits behind others of its connection has no socket yet that could be cut.
    if (response.socket === null) response.once('socket', (socket: Socket) => socket.destroy());
    response.destroy();
    return;
  }
  const body = Buffer.from(`${reason}\n`);
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': body.length,
    // What is left of a request's body would have to be read first.
    ...(request.complete ? {} : { connection: 'close' }),
  });
  response.end(body);
}
