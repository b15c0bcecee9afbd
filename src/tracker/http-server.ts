import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { Tracker } from './types.ts';

export type TrackerHttpServer = {
  /** As bound: a host name was resolved. */
  readonly host: string;
  readonly port: number;
  readonly close: () => Promise<void>;
};

export type TrackerHttpDeps = Pick<
  Tracker,
  'handle' | 'mayReadStats' | 'stats' | 'renderStatsPage'
> & { readonly log: Log; readonly nowMs: () => number };

/**
 * An announce is one short request, so whoever is slow, idle or long-winded is cut off, and
 * connections beyond the 1,024th are closed as they come.
 */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
} as const;
const maximumConnections = 1_024;
const idleMs = 15_000;
const statsAreFreshMs = 1_000;

/** The tracker's own HTTP port: announces, figures and health. Rejects as listen does. */
export async function startTrackerHttpServer(
  deps: TrackerHttpDeps,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<TrackerHttpServer> {
  const server = createServer(limits, createListener(deps));
  server.maxConnections = maximumConnections;
  server.setTimeout(idleMs);
  server.listen(port, host);
  await once(server, 'listening');
  server.on('error', (error) => deps.log.warn('http failed', { reason: messageOf(error) }));
  const bound = server.address() as AddressInfo;
  return { host: bound.address, port: bound.port, close: () => closeServer(server) };
}

function createListener(
  deps: TrackerHttpDeps,
): (request: IncomingMessage, response: ServerResponse) => void {
  const readStats = keepFor(statsAreFreshMs, deps);
  return (request, response) => {
    try {
      if (!deps.handle(request, response)) send(response, chooseAnswer(request, deps, readStats));
    } catch (error) {
      deps.log.error('http request failed', { path: request.url, reason: messageOf(error) });
      if (!response.headersSent) send(response, plain(500, 'the tracker failed; its log says why'));
    }
  };
}

type Answer = { readonly status: number; readonly type: string; readonly body: Buffer };
type Figures = { readonly page: Buffer; readonly json: Buffer };

function chooseAnswer(
  request: IncomingMessage,
  deps: Pick<TrackerHttpDeps, 'mayReadStats'>,
  readStats: () => Figures,
): Answer {
  const path = (request.url ?? '').replace(/\?.*$/s, '');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return plain(405, `expected GET, got ${request.method}`);
  }
  if (path === '/healthz') return plain(200, 'ok');
  if (path !== '/stats' && path !== '/stats.json') {
    return plain(404, 'expected /announce, /scrape, /stats, /stats.json or /healthz');
  }
  if (!deps.mayReadStats(request.socket.remoteAddress)) {
    return plain(403, "expected an address of this tracker's networks");
  }
  if (path === '/stats.json') {
    return { status: 200, type: 'application/json', body: readStats().json };
  }
  return { status: 200, type: 'text/html; charset=utf-8', body: readStats().page };
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: Buffer.from(`${text}\n`) };
}

/** One walk over all peers, and one buffer, however many readers there are and however slow. */
function keepFor(freshMs: number, deps: TrackerHttpDeps): () => Figures {
  const nothing = Buffer.alloc(0);
  let kept = { page: nothing, json: nothing, untilMs: Number.NEGATIVE_INFINITY };
  return () => {
    if (deps.nowMs() < kept.untilMs) return kept;
    const stats = deps.stats();
    const page = Buffer.from(deps.renderStatsPage(stats));
    const json = Buffer.from(JSON.stringify(stats));
    kept = { page, json, untilMs: deps.nowMs() + freshMs };
    return kept;
  };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response
    .writeHead(status, {
      'Content-Type': type,
      'Content-Length': body.length,
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
      'X-Content-Type-Options': 'nosniff',
    })
    .end(body);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
