import type { BencodeValue } from '../protocol/bencode.ts';
import type { HandedPeers } from './handed-peers.ts';

export type AnnounceReply = {
  readonly seeds: number;
  readonly leechers: number;
  readonly completed: number;
  readonly peers: HandedPeers;
  readonly rack: number | undefined;
};

type ReplyForm = {
  readonly intervalSeconds: number;
  readonly form: 'compact' | 'list';
  readonly withPeerIds: boolean;
};

/** How soon a peer that is short of others may ask again. */
export function minimumIntervalSeconds(intervalSeconds: number): number {
  return Math.max(1, Math.floor(intervalSeconds / 3));
}

/** The dictionary of an HTTP answer (BEP 3), its peers compact (BEP 23, BEP 7) or as a list. */
export function renderAnnounceReply(
  reply: AnnounceReply,
  { intervalSeconds, form, withPeerIds }: ReplyForm,
): { readonly [key: string]: BencodeValue } {
  return {
    interval: intervalSeconds,
    'min interval': minimumIntervalSeconds(intervalSeconds),
    complete: reply.seeds,
    incomplete: reply.leechers,
    downloaded: reply.completed,
    // For our own agents: machines with the same number are of one rack.
    ...(reply.rack === undefined ? {} : { scree_rack: reply.rack }),
    ...(form === 'compact' ? compactPeers(reply.peers) : { peers: listPeers(reply, withPeerIds) }),
  };
}

function compactPeers(peers: HandedPeers): { readonly [key: string]: Buffer } {
  const ipv6 = peers.compact('ipv6');
  return { peers: peers.compact('ipv4'), ...(ipv6.length > 0 ? { peers6: ipv6 } : {}) };
}

function listPeers({ peers }: AnnounceReply, withPeerIds: boolean): readonly BencodeValue[] {
  return peers.endpoints().map(({ address, port, peerId }) => ({
    ip: address,
    port,
    ...(withPeerIds && peerId !== undefined ? { 'peer id': Buffer.from(peerId, 'hex') } : {}),
  }));
}
