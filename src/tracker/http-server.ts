import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { prometheusType } from '../runtime/prometheus.ts';
import { keepFresh, statsHeaders } from './figures.ts';
import type { Tracker } from './types.ts';

export type TrackerHttpServer = {
  /** As bound: a host name was resolved. */
  readonly host: string;
  readonly port: number;
  readonly close: () => Promise<void>;
};

export type TrackerHttpDeps = Pick<
  Tracker,
  'handle' | 'mayReadStats' | 'stats' | 'renderStatsPage' | 'renderMetrics'
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
  const figures = createFigures(deps);
  return (request, response) => {
    try {
      if (!deps.handle(request, response)) send(response, chooseAnswer(request, deps, figures));
    } catch (error) {
      deps.log.error('http request failed', { path: request.url, reason: messageOf(error) });
      if (!response.headersSent) send(response, plain(500, 'the tracker failed; its log says why'));
    }
  };
}

type Answer = { readonly status: number; readonly type: string; readonly body: Buffer };
type Figures = Readonly<Record<string, () => Answer>>;

function chooseAnswer(
  request: IncomingMessage,
  deps: Pick<TrackerHttpDeps, 'mayReadStats'>,
  figures: Figures,
): Answer {
  const path = (request.url ?? '').replace(/\?.*$/s, '');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return plain(405, `expected GET, got ${request.method}`);
  }
  if (path === '/healthz') return plain(200, 'ok');
  const answer = Object.hasOwn(figures, path) ? figures[path] : undefined;
  if (answer === undefined) {
    return plain(
      404,
      `expected /announce, /scrape, ${Object.keys(figures).join(', ')} or /healthz`,
    );
  }
  if (!deps.mayReadStats(request.socket.remoteAddress)) {
    return plain(403, "expected an address of this tracker's networks");
  }
  return answer();
}

function plain(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: Buffer.from(`${text}\n`) };
}

/** One walk over all peers, and one buffer each, however many readers there are and how slow. */
function createFigures(deps: TrackerHttpDeps): Figures {
  const stats = keepFresh(deps.nowMs, deps.stats);
  const answer = (type: string, render: () => string) =>
    keepFresh(deps.nowMs, () => ({ status: 200, type, body: Buffer.from(render()) }));
  return {
    '/stats': answer('text/html; charset=utf-8', () => deps.renderStatsPage(stats())),
    '/stats.json': answer('application/json', () => JSON.stringify(stats())),
    '/metrics': answer(prometheusType, () => deps.renderMetrics(stats())),
  };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response
    .writeHead(status, {
      'Content-Type': type,
      'Content-Length': body.length,
      ...statsHeaders,
    })
    .end(body);
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
