import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { messageOf } from '../runtime/errors.ts';
import { createServer } from '../runtime/http.ts';
import type { Log } from '../runtime/log.ts';
import { type Connections, createConnections } from './connections.ts';
import { type Counters, decideOutcome } from './counters.ts';
import { statusFor } from './errors.ts';
import { createExchange, type Exchange } from './exchange.ts';
import { type Limits, pipelineDepth, remoteConnectionsLimit } from './limits.ts';
import { listenPatiently } from './listen-patiently.ts';

export type Proxy = {
  readonly address: { readonly host: string; readonly port: number };
  /** Lets answers that have begun end, for a while. */
  readonly close: () => Promise<void>;
};

export type ProxyDeps = {
  /** Answers one request. Rejects when it cannot; the proxy then says so. */
  readonly answer: (exchange: Exchange) => Promise<void>;
  readonly counters: Counters;
  readonly limits: Limits;
  readonly log: Log;
};

const closingMs = 2_000;

/** The HTTP server that the installer talks to. */
export async function openProxy(
  listen: { readonly host: string; readonly port: number },
  deps: ProxyDeps,
): Promise<Proxy> {
  const { limits, counters } = deps;
  const connections = createConnections({
    pipelineDepth,
    remoteLimit: remoteConnectionsLimit,
    remoteIdleMs: limits.answerMs,
    onRemote: () => {
      counters.remoteConnections += 1;
    },
  });
  const server = createServer({
    keepAliveTimeout: limits.keepAliveMs,
    // The watchdog of each exchange ends a body that does not come.
    requestTimeout: 0,
    headersTimeout: limits.stallMs,
  });
  server.timeout = limits.connectionIdleMs;
  server.on('connection', connections.accept);
  server.on('connect', refuseTunnel);
  server.on('request', (request, response) => {
    takeRequest({ request, response, connections }, deps);
  });
  await listenPatiently(server, listen, deps);
  const { address: host, port } = server.address() as AddressInfo;
  return { address: { host, port }, close: () => closeServer(server) };
}

type Incoming = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connections: Connections;
};

function takeRequest({ request, response, connections }: Incoming, deps: ProxyDeps): void {
  const { counters, limits } = deps;
  const { exchange, begin, ended, abort } = createExchange(request, response, {
    stallMs: limits.stallMs,
    onStall: (reason) => noteFailure(exchange, reason, deps),
  });
  const place = connections.enter(request.socket, abort);
  counters.requestsInFlight += 1;
  void ended.then(() => {
    counters.requestsInFlight -= 1;
    place.leave();
  });
  void place.turn.then(() => {
    begin();
    return serve(exchange, deps);
  });
}

async function serve(exchange: Exchange, deps: ProxyDeps): Promise<void> {
  const { signal, response } = exchange;
  const own: { reason?: string } = {};
  const fail: Exchange['fail'] = (status, reason) => {
    own.reason = reason;
    exchange.fail(status, reason);
  };
  try {
    if (signal.aborted) return;
    await deps.answer({ ...exchange, fail });
    const { statusCode } = response;
    const { reason = `the frontend answered ${statusCode}` } = own;
    const outcome = decideOutcome(statusCode, own.reason !== undefined);
    if (outcome === 'served') deps.counters.requestsServed += 1;
    if (outcome === 'failed') noteFailure(exchange, reason, deps);
  } catch (error) {
    if (signal.aborted) return;
    noteFailure(exchange, messageOf(error), deps);
    exchange.fail(statusFor(error), messageOf(error));
  }
}

function noteFailure({ request }: Exchange, reason: string, { counters, log }: ProxyDeps): void {
  counters.requestsFailed += 1;
  log.warn('request failed', { method: request.method, path: request.url, reason });
}

/** CONNECT: this is no open proxy. */
function refuseTunnel(_request: unknown, socket: Socket): void {
  socket.on('error', () => {});
  socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
}

async function closeServer(server: Server): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), closingMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(timer);
}
