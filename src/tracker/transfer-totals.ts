import type { Progress } from './peer.ts';
import type { TransferStats } from './types.ts';

/** What a peer moved since its last announce of the same session. */
export type Moved = Omit<TransferStats, 'fromOwnRackBytes' | 'fromOtherRacksBytes'>;

/** What is known of a torrent's past; outlives the peers that it is the sum of. */
export class SwarmTotals implements TransferStats {
  uploadedBytes = 0;
  downloadedBytes = 0;
  fromFrontendBytes = 0;
  fromPeersBytes = 0;
  fromOwnRackBytes = 0;
  fromOtherRacksBytes = 0;
  completed = 0;
  announces = 0;

  /** Adds one announce; `previous` is the same session before it. */
  add(previous: Progress | undefined, current: Progress): Moved {
    const moved = movedBetween(previous, current);
    this.announces += 1;
    if (current.completed && previous?.completed !== true) this.completed += 1;
    this.uploadedBytes += moved.uploadedBytes;
    this.downloadedBytes += moved.downloadedBytes;
    this.fromFrontendBytes += moved.fromFrontendBytes;
    this.fromPeersBytes += moved.fromPeersBytes;
    return moved;
  }
}

/** The split of what a peer downloaded; nothing on either side where it does not tell. */
export function splitDownloaded(peer: Progress | undefined): Moved {
  const { uploadedBytes = 0, downloadedBytes = 0, frontendBytes } = peer ?? {};
  const fromFrontendBytes = frontendBytes ?? 0;
  const fromPeersBytes =
    frontendBytes === undefined ? 0 : Math.max(0, downloadedBytes - frontendBytes);
  return { uploadedBytes, downloadedBytes, fromFrontendBytes, fromPeersBytes };
}

function movedBetween(previous: Progress | undefined, current: Progress): Moved {
  const before = splitDownloaded(previous);
  const after = splitDownloaded(current);
  return {
    uploadedBytes: growth(before.uploadedBytes, after.uploadedBytes),
    downloadedBytes: growth(before.downloadedBytes, after.downloadedBytes),
    fromFrontendBytes: growth(before.fromFrontendBytes, after.fromFrontendBytes),
    fromPeersBytes: growth(before.fromPeersBytes, after.fromPeersBytes),
  };
}

/** A counter that went back has started again from zero. */
function growth(before: number, after: number): number {
  return after >= before ? after - before : after;
}
