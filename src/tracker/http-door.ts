import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeBencode } from '../protocol/bencode.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import { normalizeAddress } from './address.ts';
import type { HttpAnnounceServer } from './http-announce.ts';
import { readScrapedInfohashes, renderScrapeReply } from './http-scrape.ts';
import type { RefusalCounter } from './refusals.ts';
import type { Registry } from './registry.ts';

export type HttpDoorDeps = {
  readonly log: Log;
  readonly announces: HttpAnnounceServer;
  readonly registry: Registry;
  readonly refusals: RefusalCounter;
  readonly isInNetworks: (address: string) => boolean;
};

/**
 * Answers `/announce` and `/scrape` on whatever HTTP server it is mounted, and returns false for
 * any other path. A refusal that a client can tell its user about is a 200 with `failure reason`
 * (BEP 3): clients show nothing of other answers.
 */
export function createHttpDoor(
  deps: HttpDoorDeps,
  config: { readonly intervalSeconds: number },
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const [path = '', ...query] = (request.url ?? '').split('?');
    if (path !== '/announce' && path !== '/scrape') return false;
    try {
      if (!admit(request, response)) return true;
      if (path === '/announce') deps.announces.announce(request, response);
      else scrape(query.join('?'), response);
    } catch (error) {
      deps.log.error('announce failed', { path, reason: messageOf(error) });
      fail(response, 500, 'the tracker failed; its log says why');
    }
    return true;
  };

  function admit(request: IncomingMessage, response: ServerResponse): boolean {
    const address = normalizeAddress(request.socket.remoteAddress);
    if (address === undefined || !deps.isInNetworks(address)) {
      deps.refusals.count('foreign-network');
      deps.log.debug('refused', { reason: 'foreign-network', ip: address });
      fail(response, 403, `expected an address of this tracker's networks, got ${address}`);
      return false;
    }
    if (request.method === 'GET') return true;
    deps.refusals.count('malformed');
    fail(response, 405, `expected GET, got ${request.method}`);
    return false;
  }

  function scrape(query: string, response: ServerResponse): void {
    const infohashes = readScrapedInfohashes(query);
    if (infohashes === undefined) {
      deps.refusals.count('malformed');
      return fail(response, 200, 'expected each info_hash to be 20 bytes');
    }
    const asked =
      infohashes.length > 0
        ? infohashes
        : deps.registry.swarms.keys().take(maximumScrapedUnasked).toArray();
    const entries = deps.registry.scrape(asked);
    send(response, 200, renderScrapeReply(entries, config.intervalSeconds));
  }
}

// A list of everything is for curious operators; a program names what it wants.
const maximumScrapedUnasked = 1_000;

function fail(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) return;
  send(response, status, encodeBencode({ 'failure reason': reason }));
}

function send(response: ServerResponse, status: number, body: Buffer): void {
  response
    .writeHead(status, {
      'Content-Type': 'text/plain',
      'Cache-Control': 'no-store',
      'Content-Length': body.length,
    })
    .end(body);
}
