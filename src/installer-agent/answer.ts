import type { Control } from './control/control.ts';
import type { Counters } from './counters.ts';
import type { Exchange } from './exchange.ts';
import { sendFile } from './file-response.ts';
import type { FirstByteWaits } from './first-byte-waits.ts';
import type { FrontendLink } from './frontend-link.ts';
import type { Limits } from './limits.ts';
import { passThrough } from './pass-through.ts';
import { decideAsked, decideRoute, type Route } from './route.ts';
import type { AgentStatus } from './status.ts';
import { readTree } from './tree-reader.ts';
import type { Trees } from './trees.ts';

export type AnswerDeps = {
  readonly link: FrontendLink;
  readonly trees: Trees;
  readonly strict: boolean;
  readonly counters: Counters;
  readonly firstByteWaits: FirstByteWaits;
  readonly limits: Limits;
  readonly status: () => AgentStatus;
  readonly control: Pick<Control, 'handle' | 'fileServed'>;
};

/** What one request goes through: who asks for what, where it comes from, and the bytes of it. */
export function createAnswer(deps: AnswerDeps): (exchange: Exchange) => Promise<void> {
  return async (exchange) => {
    const route = await chooseRoute(exchange, deps);
    exchange.signal.throwIfAborted();
    switch (route.kind) {
      case 'swarm':
        return sendTreeFile(exchange, route, deps);
      case 'frontend':
        return passThrough(exchange, route, { ...deps, onBytes: countPassed(deps.counters) });
      case 'agent':
        return sendPage(exchange, route.page, deps);
      case 'control':
        return deps.control.handle(exchange, route.target);
      case 'refuse':
        return refuse(exchange, route, deps);
    }
  };
}

async function chooseRoute(
  { request }: Exchange,
  { link, trees, strict }: AnswerDeps,
): Promise<Route> {
  const { url = '/', method = 'GET', socket } = request;
  const { remoteAddress, localPort } = socket;
  const asked = decideAsked({ url, method, remoteAddress, localPort }, link.url);
  return asked.kind === 'tree'
    ? decideRoute(asked, await trees.find(asked.name), { strict })
    : asked;
}

async function sendTreeFile(
  exchange: Exchange,
  { tree, placed }: Extract<Route, { kind: 'swarm' }>,
  { control, counters, firstByteWaits, limits }: AnswerDeps,
): Promise<void> {
  const askedAtMs = performance.now();
  let isFirst = true;
  const onBytes = (origin: 'swarm' | 'frontend', sizeBytes: number) => {
    if (isFirst) firstByteWaits.add(performance.now() - askedAtMs);
    isFirst = false;
    if (origin === 'swarm') counters.fromSwarmBytes += sizeBytes;
    else counters.fromFrontendBytes += sizeBytes;
  };
  const end = exchange.request.method === 'GET' ? tree.begin(placed.file.path) : () => {};
  try {
    await sendFile(exchange, placed, (range, sink) =>
      readTree(tree, range, { ...sink, limits, onBytes }),
    );
  } finally {
    end();
  }
  if (exchange.request.method === 'GET') control.fileServed(tree.name, placed.file.path);
}

function countPassed(counters: Counters): (sizeBytes: number) => void {
  return (sizeBytes) => {
    counters.passedThroughBytes += sizeBytes;
  };
}

async function sendPage(
  { response }: Exchange,
  page: 'status' | 'healthz',
  { status }: AnswerDeps,
): Promise<void> {
  const body = page === 'status' ? `${JSON.stringify(status())}\n` : 'ok\n';
  const contentType = page === 'status' ? 'application/json' : 'text/plain; charset=utf-8';
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(body);
}

async function refuse(
  exchange: Exchange,
  { status, reason }: Extract<Route, { kind: 'refuse' }>,
  { counters }: AnswerDeps,
): Promise<void> {
  if (status === 403) {
    counters.requestsRefused += 1;
    exchange.response.shouldKeepAlive = false;
  }
  exchange.fail(status, reason);
}
