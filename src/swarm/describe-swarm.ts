import type { Metainfo } from '../protocol/metainfo.ts';
import type { Offenders } from './offenders.ts';
import type { PeerSet } from './peer-set.ts';
import type { SwarmStatus, TransferCounters } from './types.ts';

export type SwarmParts = {
  readonly metainfo: Metainfo;
  readonly peers: PeerSet;
  readonly offenders: Offenders;
  readonly piecesHeld: number;
  readonly counters: TransferCounters;
};

/** A torrent as its status tells it. */
export function describeSwarm(parts: SwarmParts): SwarmStatus {
  const { metainfo, peers, offenders, piecesHeld, counters } = parts;
  return {
    infohash: metainfo.infohash,
    piecesHeld,
    pieceCount: metainfo.pieceCount,
    peers: [...peers].map((peer) => peer.status()),
    offenders: offenders.list(),
    counters,
  };
}
