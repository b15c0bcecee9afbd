import type { HandedPeers } from './handed-peers.ts';
import type { RefusalReason } from './types.ts';

export type ScrapeEntry = {
  readonly infohash: string;
  readonly seeds: number;
  readonly leechers: number;
  readonly completed: number;
};

export type AnnounceOutcome =
  | (Omit<ScrapeEntry, 'infohash'> & {
      readonly kind: 'accepted';
      readonly peers: HandedPeers;
      /** The asker's; undefined for one that leaves. */
      readonly rack: number | undefined;
    })
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly message: string };

export function refuseUnknown(infohash: string): AnnounceOutcome {
  const message = `expected the infohash of a torrent offered here, got ${infohash}; fetch the torrent again`;
  return { kind: 'refused', reason: 'unknown-infohash', message };
}

export function refuseFull(): AnnounceOutcome {
  const message = 'expected room for one more peer, but there is none; announce again later';
  return { kind: 'refused', reason: 'too-many-peers', message };
}

export function refuseTooOften(perSecond: number): AnnounceOutcome {
  const message = `expected at most ${perSecond} announces a second of one machine, got more; announce again later`;
  return { kind: 'refused', reason: 'too-often', message };
}
