import { compactEndpoint, formatEndpoint } from './address.ts';
import type { AnnounceRequest } from './announce-request.ts';
import { type Reach, reachOf } from './reach.ts';

/** What an answer says of a peer. */
export type PeerEndpoint = {
  readonly address: string;
  readonly port: number;
  /** Undefined for own seeds: the program's other half picks its own. */
  readonly peerId: string | undefined;
  readonly compact: Buffer;
  readonly reach: Reach;
};

/** A peer that announced, as it was the last time. */
export type Peer = PeerEndpoint & {
  readonly key: string;
  readonly peerId: string;
  /** Its `completed` was counted. */
  readonly completed: boolean;
  readonly leftBytes: number | undefined;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  readonly frontendBytes: number | undefined;
  readonly role: string | undefined;
  readonly announcedAtMs: number;
};

export function createEndpoint(
  address: string,
  port: number,
  peerId: string | undefined,
): PeerEndpoint {
  const compact = compactEndpoint(address, port);
  return { address, port, peerId, compact, reach: reachOf(address) };
}

/** Nobody can speak for another machine, as the address is the socket's. */
export function peerKey(peer: { readonly address: string; readonly port: number }): string {
  return formatEndpoint(peer.address, peer.port);
}

export function isSeed(peer: { readonly leftBytes: number | undefined }): boolean {
  return peer.leftBytes === 0;
}

/** The peer after an announce; `previous` is the same session before it. */
export function nextPeer(
  previous: Peer | undefined,
  request: AnnounceRequest,
  nowMs: number,
): Peer {
  const { address, port, peerId } = request;
  return {
    ...(previous ?? createEndpoint(address, port, peerId)),
    key: previous?.key ?? peerKey(request),
    peerId,
    completed: previous?.completed === true || isCompletion(request),
    leftBytes: request.leftBytes,
    uploadedBytes: request.uploadedBytes,
    downloadedBytes: request.downloadedBytes,
    frontendBytes: request.frontendBytes,
    role: request.role,
    announcedAtMs: nowMs,
  };
}

function isCompletion(request: AnnounceRequest): boolean {
  return request.event === 'completed' && request.leftBytes === 0;
}
