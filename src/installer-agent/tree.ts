import type { Metainfo } from '../protocol/metainfo.ts';
import type { TreeIndex } from '../protocol/tree-index.ts';
import { messageOf } from '../runtime/errors.ts';
import type { Log } from '../runtime/log.ts';
import type { RangeFallback, TreeSwarm } from '../swarm/types.ts';
import type { Limits } from './limits.ts';

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
  /** A reader could not be served. */
  readonly noteFailure: (reason: unknown) => void;
  /** Joins the swarm unless that was done, is being done, or failed a short time ago. */
  readonly join: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type TreeFacts = Pick<Tree, 'name' | 'generation' | 'metainfo' | 'index' | 'fallback'>;

export type TreeOptions = {
  readonly facts: TreeFacts;
  readonly openSwarm: () => Promise<TreeSwarm>;
  readonly limits: Pick<Limits, 'rejoinMs' | 'swarmPatienceMs' | 'doubtfulPatienceMs' | 'doubtMs'>;
  readonly log: Log;
};

export function createTree({ facts, openSwarm, limits, log }: TreeOptions): Tree {
  let joined: TreeSwarm | undefined;
  let joining: Promise<void> | undefined;
  let nextJoinAtMs = 0;
  let doubtedUntilMs = 0;
  let closed = false;

  async function joinOnce(): Promise<void> {
    try {
      const swarm = await openSwarm();
      if (closed) await swarm.close();
      else joined = swarm;
    } catch (error) {
      nextJoinAtMs = performance.now() + limits.rejoinMs;
      log.warn('swarm not joined, serving from the frontend', { reason: messageOf(error) });
    }
  }

  return {
    ...facts,
    swarm: () => joined,
    patienceMs: () =>
      performance.now() < doubtedUntilMs ? limits.doubtfulPatienceMs : limits.swarmPatienceMs,
    noteFailure: (reason) => {
      doubtedUntilMs = performance.now() + limits.doubtMs;
      log.warn('swarm failed a reader, frontend serves it', { reason: messageOf(reason) });
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
      await joining;
      await joined?.close();
    },
  };
}
