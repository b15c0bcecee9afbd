import { IncomingMessage, type ServerResponse } from 'node:http';
import Server, {
  type AnnounceParams,
  type Callback,
  type SwarmLike,
} from 'bittorrent-tracker/server';
import { normalizeAddress } from './address.ts';
import { readByteCount, readPort } from './announce-numbers.ts';
import { renderAnnounceReply } from './announce-reply.ts';
import { readReport } from './announce-report.ts';
import { type AnnounceRequest, readEvent, readRole, readWanted } from './announce-request.ts';
import type { RefusalCounter } from './refusals.ts';
import type { Registry } from './registry.ts';
import type { RefusalReason } from './types.ts';

export type HttpAnnounceDeps = {
  readonly registry: Registry;
  readonly refusals: RefusalCounter;
};

class Refused extends Error {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * HTTP announces (BEP 3, 7, 23) as bittorrent-tracker reads and answers them, with swarms of our
 * own behind. The package opens no socket here: it gets requests whose sender was checked.
 */
export class HttpAnnounceServer extends Server {
  readonly #swarm: SwarmLike;

  constructor(deps: HttpAnnounceDeps, config: { readonly intervalSeconds: number }) {
    super({ http: false, udp: false, ws: false, stats: false });
    this.#swarm = {
      announce: (params, callback) => answer(deps.registry, config, params, callback),
      scrape: (_params, callback) => callback(new Refused('malformed', 'expected an announce')),
    };
    this.on('warning', (error: unknown) => {
      deps.refusals.count(error instanceof Refused ? error.reason : 'malformed');
    });
  }

  /** One door for all torrents; the registry finds the swarm, or refuses to. */
  override getSwarm(_infohash: string, callback: Callback<SwarmLike>): void {
    callback(null, this.#swarm);
  }

  announce(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('Content-Type', 'text/plain');
    response.setHeader('Cache-Control', 'no-store');
    this.onHttpRequest(request, response, { action: 'announce' });
  }
}

function answer(
  registry: Registry,
  config: { readonly intervalSeconds: number },
  params: AnnounceParams,
  callback: Callback<object>,
): void {
  const request = readHttpAnnounce(params);
  if (request === undefined) return callback(new Refused('malformed', badAnnounce));
  const outcome = registry.announce(request);
  if (outcome.kind === 'refused') return callback(new Refused(outcome.reason, outcome.message));
  const form = params.compact === 0 ? 'list' : 'compact';
  // The package then sends the peers as they are: its own forms go through a slow address parser,
  // and its list loses every peer id that is not ASCII.
  params.compact = -1;
  const withPeerIds = params.no_peer_id !== '1';
  callback(null, renderAnnounceReply(outcome, { ...config, form, withPeerIds }));
}

const badAnnounce = 'expected info_hash, peer_id, a whole port and left in bytes';

/** Whatever the query claims, the addresses are those of the socket. */
function readHttpAnnounce(params: AnnounceParams): AnnounceRequest | undefined {
  const { info_hash: infohash, peer_id: peerId, httpReq } = params;
  const socket = httpReq instanceof IncomingMessage ? httpReq.socket : undefined;
  const address = normalizeAddress(socket?.remoteAddress);
  const port = readPort(params.port);
  if (!isHexDigest(infohash) || !isHexDigest(peerId)) return undefined;
  if (address === undefined || port === undefined) return undefined;
  return {
    infohash,
    peerId,
    address,
    port,
    event: readEvent(params.event),
    leftBytes: readByteCount(params.left),
    uploadedBytes: readByteCount(params.uploaded) ?? 0,
    downloadedBytes: readByteCount(params.downloaded) ?? 0,
    frontendBytes: readByteCount(params.scree_frontend),
    role: readRole(params.scree_role),
    report: readReport(params),
    wanted: readWanted(params.numwant),
    family: 'both',
    localAddress: normalizeAddress(socket?.localAddress),
  };
}

function isHexDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{40}$/.test(value);
}
