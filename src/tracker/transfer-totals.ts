import type { Peer } from './peer.ts';
import type { TransferStats } from './types.ts';

/** What is known of a torrent's past; outlives the peers that it is the sum of. */
export type SwarmTotals = TransferStats & {
  readonly completed: number;
  readonly announces: number;
};

export const noTotals: SwarmTotals = {
  uploadedBytes: 0,
  downloadedBytes: 0,
  fromFrontendBytes: 0,
  fromPeersBytes: 0,
  completed: 0,
  announces: 0,
};

/** Adds one announce: what a peer moved since the last one of the same session. */
export function addAnnounce(
  totals: SwarmTotals,
  previous: Peer | undefined,
  current: Peer,
): SwarmTotals {
  const before = transferOf(previous);
  const after = transferOf(current);
  return {
    uploadedBytes: totals.uploadedBytes + growth(before.uploadedBytes, after.uploadedBytes),
    downloadedBytes: totals.downloadedBytes + growth(before.downloadedBytes, after.downloadedBytes),
    fromFrontendBytes:
      totals.fromFrontendBytes + growth(before.fromFrontendBytes, after.fromFrontendBytes),
    fromPeersBytes: totals.fromPeersBytes + growth(before.fromPeersBytes, after.fromPeersBytes),
    completed: totals.completed + (current.completed && previous?.completed !== true ? 1 : 0),
    announces: totals.announces + 1,
  };
}

/** The split of what a peer downloaded; nothing on either side where it does not tell. */
export function transferOf(peer: Peer | undefined): TransferStats {
  const { uploadedBytes = 0, downloadedBytes = 0, frontendBytes } = peer ?? {};
  const fromFrontendBytes = frontendBytes ?? 0;
  const fromPeersBytes =
    frontendBytes === undefined ? 0 : Math.max(0, downloadedBytes - frontendBytes);
  return { uploadedBytes, downloadedBytes, fromFrontendBytes, fromPeersBytes };
}

/** A counter that went back has started again from zero. */
function growth(before: number, after: number): number {
  return after >= before ? after - before : after;
}
