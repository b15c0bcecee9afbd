import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { prometheusType } from '../runtime/prometheus.ts';
import { createFigures, statsHeaders } from './figures.ts';
import type { FollowPage } from './live-page.ts';
import { statsScript } from './stats-page.ts';
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
  const choose = createChooser(deps);
  return (request, response) => {
    const fail = (error: unknown) => {
      deps.log.error('http request failed', { path: request.url, reason: messageOf(error) });
      if (!response.headersSent) send(response, plain(500, 'the tracker failed; its log says why'));
    };
    try {
      if (deps.handle(request, response)) return;
    } catch (error) {
      return fail(error);
    }
    choose(request)
      .then((answer) =>
        'follow' in answer ? answer.follow(request, response) : send(response, answer),
      )
      .catch(fail);
  };
}

type Document = { readonly status: number; readonly type: string; readonly body: Buffer | string };
type Answer = Document | { readonly follow: FollowPage };

function createChooser(deps: TrackerHttpDeps): (request: IncomingMessage) => Promise<Answer> {
  const { page, follow, json, metrics } = createFigures(deps, { nowMs: deps.nowMs });
  const script = async () => statsScript;
  const figures = new Map([
    ['/stats', { type: 'text/html; charset=utf-8', body: page }],
    ['/stats/live.js', { type: 'text/javascript; charset=utf-8', body: script }],
    ['/stats.json', { type: 'application/json', body: json }],
    ['/metrics', { type: prometheusType, body: metrics }],
  ]);
  return async (request) => {
    const path = (request.url ?? '').replace(/\?.*$/s, '');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return plain(405, `expected GET, got ${request.method}`);
    }
    if (path === '/healthz') return plain(200, 'ok');
    const figure = figures.get(path);
    if (figure === undefined && path !== '/stats/events') {
      const known = [...figures.keys()].join(', ');
      return plain(404, `expected /announce, /scrape, ${known} or /healthz`);
    }
    if (!deps.mayReadStats(request.socket.remoteAddress)) {
      return plain(403, "expected an address of this tracker's networks");
    }
    if (figure === undefined) return { follow };
    return { status: 200, type: figure.type, body: await figure.body() };
  };
}

function plain(status: number, text: string): Document {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` };
}

function send(response: ServerResponse, { status, type, body }: Document): void {
  response
    .writeHead(status, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
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
