import type { ProgressBytes } from '../../protocol/install-progress.ts';
import type { PeerStatus, TransferCounters } from '../../swarm/types.ts';
import type { Counters } from '../counters.ts';
import type { TreeReport } from '../status.ts';

export type ByteMeter = {
  /** What was received until now, by source. Never less than before. */
  readonly read: () => ProgressBytes;
  /** Which addresses are machines of the own rack. */
  readonly setRack: (addresses: readonly string[]) => void;
};

export type ByteMeterDeps = {
  readonly trees: () => readonly TreeReport[];
  readonly counters: Counters;
};

/**
 * Adds up what the swarms count. Swarms know peers, not racks: whose share is whose is told from
 * what each peer has sent since the last look, so that one who leaves between two looks counts as
 * one of another rack.
 */
export function createByteMeter({ trees, counters }: ByteMeterDeps): ByteMeter {
  const swarms = new Map<string, TransferCounters>();
  let sentBefore = new Map<string, number>();
  let fromRackBytes = 0;
  let rack: ReadonlySet<string> = new Set();

  function lookAtPeers(reports: readonly TreeReport[]): void {
    const sent = new Map<string, number>();
    for (const { infohash = '', peers = [] } of reports) {
      for (const peer of peers) {
        if (peer.frontend) continue;
        const key = `${infohash} ${peer.address}`;
        sent.set(key, peer.receivedBytes);
        if (rack.has(hostOf(peer)))
          fromRackBytes += growth(sentBefore.get(key), peer.receivedBytes);
      }
    }
    sentBefore = sent;
  }

  return {
    read: () => {
      const reports = trees();
      for (const { infohash, counters: counted } of reports) {
        // A tree that was closed keeps what it had.
        if (infohash !== undefined && counted !== undefined) swarms.set(infohash, counted);
      }
      lookAtPeers(reports);
      const sum = (of: (swarm: TransferCounters) => number) =>
        [...swarms.values()].reduce((total, each) => total + of(each), 0);
      const fromPeersBytes = sum((each) => each.receivedFromPeersBytes);
      const rackBytes = Math.min(fromRackBytes, fromPeersBytes);
      return {
        frontend: sum((each) => each.receivedFromFrontendBytes),
        peers: fromPeersBytes - rackBytes,
        rack: rackBytes,
        fallback:
          sum((each) => each.receivedByHttpBytes) +
          counters.fromFrontendBytes +
          counters.passedThroughBytes,
      };
    },
    setRack: (addresses) => {
      rack = new Set(addresses);
    },
  };
}

/** A connection that was made anew counts from zero again. */
function growth(before = 0, now: number): number {
  return now >= before ? now - before : now;
}

function hostOf({ address }: PeerStatus): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
