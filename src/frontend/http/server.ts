import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ListenOptions } from 'node:net';
import { messageOf } from '../../runtime/errors.ts';
import type { Log } from '../../runtime/log.ts';
import { withoutTokens } from '../installs/without-tokens.ts';
import { sendText } from './replies.ts';
import { normalizeRequestUrl } from './request-url.ts';
import { Turns } from './turns.ts';

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export type HttpServer = {
  /** Undefined for a unix socket. */
  readonly port: number | undefined;
  readonly close: () => Promise<void>;
};

const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 15_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
};
const mostConnections = 8192;
// A client that takes not one byte for so long holds its place for nothing.
const silenceMs = 120_000;
// apt sends up to ten requests ahead.
const mostPipelined = 64;
const closeGraceMs = 1_500;

/**
 * Listens for HTTP. Requests reach the handler one at a time per connection, with a URL that
 * begins with `/`; what cannot be such, and what is no HTTP, is answered 400 here.
 */
export async function createHttpServer(
  { log, handle }: { readonly log: Log; readonly handle: HttpHandler },
  listen: ListenOptions,
): Promise<HttpServer> {
  const turns = new Turns(mostPipelined);
  const server = createServer(limits, (request, response) => {
    const startedAtMs = performance.now();
    turns
      .take(request.socket, () => answer(handle, request, response))
      .then(() => log.debug('answered', describe(request, response, startedAtMs)))
      .catch((error: unknown) => {
        log.error('request failed', { path: shownPath(request), reason: messageOf(error) });
        response.destroy();
      });
  });
  server.maxConnections = mostConnections;
  server.setTimeout(silenceMs);
  server.listen(listen);
  await once(server, 'listening');
  // From here on, an error is one of accepting: no descriptors left, most likely.
  server.on('error', (error) => log.error('connection not accepted', { reason: messageOf(error) }));
  const address = server.address();
  return {
    port: typeof address === 'object' ? address?.port : undefined,
    close: () => close(server),
  };
}

async function answer(
  handle: HttpHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = normalizeRequestUrl(request.url ?? '');
  if (url === undefined) {
    const target = String(request.url).slice(0, 80);
    return sendText(response, 400, `expected a path that begins with /, got '${target}'`);
  }
  request.url = url;
  await handle(request, response);
}

function describe(request: IncomingMessage, response: ServerResponse, startedAtMs: number) {
  return {
    ip: request.socket.remoteAddress,
    method: request.method,
    path: shownPath(request),
    status: response.statusCode,
    elapsedMs: Math.round(performance.now() - startedAtMs),
  };
}

/**
 * Without tokens of installs: who reads the log is not to act as the machine. And without what a
 * machine says of its failure, which may hold its secrets.
 */
function shownPath({ url = '' }: IncomingMessage): string {
  return withoutTokens(url).replaceAll(/([?&]reason=)[^&]*/g, '$1…');
}

/** Lets what is being sent end for a moment, then closes all connections. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const impatience = setTimeout(() => server.closeAllConnections(), closeGraceMs);
  await closed;
  clearTimeout(impatience);
}
