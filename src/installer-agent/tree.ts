import type { Metainfo } from '../protocol/metainfo.ts';
import type { TreeIndex } from '../protocol/tree-index.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { RangeFallback, StreamRange, TreeSwarm } from '../swarm/types.ts';
import type { Limits } from './limits.ts';
import type { TreeOrder } from './tree-order.ts';

/** One generation of a tree whose manifest and torrent were verified. */
export type Tree = {
  readonly name: string;
  readonly generation: number;
  readonly metainfo: Metainfo;
  readonly index: TreeIndex;
  readonly fallback: RangeFallback;
  /** Undefined while it is not joined: then the frontend is read. */
  readonly swarm: () => TreeSwarm | undefined;
  /** How long a reader waits for the swarm's next byte before it goes to the frontend. */
  readonly patienceMs: () => number;
  /** The installer reads this file of the manifest, until it calls what is returned. */
  readonly begin: (path: string) => () => void;
  /** A reader could not be served. */
  readonly noteFailure: (reason: unknown) => void;
  /** The frontend does not list this tree: there may be nobody who has it. */
  readonly noteUnlisted: () => void;
  /** Joins the swarm unless that was done, is being done, or failed a short time ago. */
  readonly join: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type TreeFacts = Pick<Tree, 'name' | 'generation' | 'metainfo' | 'index' | 'fallback'>;

export type TreeOptions = {
  readonly facts: TreeFacts;
  readonly openSwarm: () => Promise<TreeSwarm>;
  readonly openOrder: (expect: TreeSwarm['expect']) => TreeOrder;
  readonly limits: Pick<Limits, 'rejoinMs' | 'swarmPatienceMs' | 'doubtfulPatienceMs' | 'doubtMs'>;
  readonly log: Log;
};

export function createTree({ facts, openSwarm, openOrder, limits, log }: TreeOptions): Tree {
  let joined: TreeSwarm | undefined;
  let joining: Promise<void> | undefined;
  let nextJoinAtMs = 0;
  let doubt: Doubt | undefined;
  let closed = false;
  let expected: Expected | undefined;
  const order = openOrder((ranges, isWhole) => {
    expected = { ranges, isWhole };
    joined?.expect(ranges, isWhole);
  });

  /** It lasts for a while, and then until the swarm has given anything again. */
  function isInDoubt(): boolean {
    if (doubt === undefined) return false;
    const isOver = performance.now() >= doubt.atLeastUntilMs;
    if (isOver && receivedBytes(joined) > doubt.receivedBytes) doubt = undefined;
    return doubt !== undefined;
  }

  function beginDoubt(): void {
    const atLeastUntilMs = performance.now() + limits.doubtMs;
    doubt = { atLeastUntilMs, receivedBytes: receivedBytes(joined) };
  }

  async function joinOnce(): Promise<void> {
    try {
      const swarm = await openSwarm();
      if (closed) await swarm.close();
      else {
        joined = swarm;
        if (expected !== undefined) swarm.expect(expected.ranges, expected.isWhole);
      }
    } catch (error) {
      nextJoinAtMs = performance.now() + limits.rejoinMs;
      log.warn('swarm not joined, serving from the frontend', { reason: messageOf(error) });
    }
  }

  return {
    ...facts,
    swarm: () => joined,
    patienceMs: () => (isInDoubt() ? limits.doubtfulPatienceMs : limits.swarmPatienceMs),
    begin: order.begin,
    noteFailure: (reason) => {
      beginDoubt();
      log.warn('swarm failed a reader, frontend serves it', { reason: messageOf(reason) });
    },
    noteUnlisted: () => {
      if (doubt === undefined) log.warn('tree not listed at the frontend any more');
      beginDoubt();
    },
    join: async () => {
      const isDue = joined === undefined && performance.now() >= nextJoinAtMs && !closed;
      if (joining === undefined && isDue) {
        joining = joinOnce().finally(() => {
          joining = undefined;
        });
      }
      await joining;
    },
    close: async () => {
      closed = true;
      order.close();
      await joining;
      await joined?.close();
    },
  };
}

type Expected = { readonly ranges: readonly StreamRange[]; readonly isWhole: boolean };

type Doubt = { readonly atLeastUntilMs: number; readonly receivedBytes: number };

/** Verified, from whomever; 0 where no swarm was joined. */
function receivedBytes(swarm: TreeSwarm | undefined): number {
  if (swarm === undefined) return 0;
  const { counters } = swarm.status();
  const fromOthers = counters.receivedFromPeersBytes + counters.receivedByHttpBytes;
  return counters.receivedFromFrontendBytes + fromOthers;
}
