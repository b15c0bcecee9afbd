import type { AnnounceRequest } from './announce-request.ts';

/** What an answer says of a peer. */
export type PeerEndpoint = {
  readonly address: string;
  readonly port: number;
  /** 40 hex digits; undefined for own seeds: the program's other half picks its own. */
  readonly peerId: string | undefined;
};

/** What a peer said that it moved; a farewell too. */
export type Progress = {
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  readonly frontendBytes: number | undefined;
  /** Its `completed` was counted. */
  readonly completed: boolean;
};

/** A peer that announced, as it was the last time. */
export type Peer = PeerEndpoint &
  Progress & {
    readonly peerId: string;
    readonly leftBytes: number | undefined;
    readonly role: string | undefined;
    readonly announcedAtMs: number;
  };

export function isSeed(peer: { readonly leftBytes: number | undefined }): boolean {
  return peer.leftBytes === 0;
}

export function isCompletion(request: Pick<AnnounceRequest, 'event' | 'leftBytes'>): boolean {
  return request.event === 'completed' && request.leftBytes === 0;
}
