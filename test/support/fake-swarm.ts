import { setTimeout as sleep } from 'node:timers/promises';
import type {
  ReadOptions,
  StreamRange,
  SwarmHost,
  SwarmStatus,
  TreeSwarm,
} from '../../src/swarm/types.ts';
import type { SmallTree } from './small-tree.ts';

/** How a fake swarm behaves; may be changed while it is used. */
export type FakeBehaviour = {
  /**
   * `works`: has all trees it was given. `empty`: gives nothing, as a swarm without peers, until
   * the reader's patience ends. `deaf`: hears neither that nor the signal. `fails`: ends with an
   * error at once.
   */
  mode: 'works' | 'empty' | 'deaf' | 'fails';
  /** The error comes after so many bytes of each read. */
  failAfterBytes?: number;
  joinFails?: boolean;
  /** Before each chunk. */
  delayMs?: number;
  /** What a move of the store comes to; done at once unless given. */
  move?: SwarmHost['store']['move'];
};

export type FakeSwarm = {
  readonly host: SwarmHost;
  readonly behaviour: FakeBehaviour;
  /** Reads that have begun and not ended. */
  readonly activeReads: () => number;
  readonly reads: () => number;
  /** False when it was told not to. */
  readonly readsAhead: () => boolean;
  readonly joined: () => readonly string[];
  /** What was said last to be likely to be read. */
  readonly expected: () => readonly StreamRange[] | undefined;
};

const chunkBytes = 16 * 1024;

/** A swarm host that joins the given trees and reads them from memory. */
export function createFakeSwarm(trees: readonly SmallTree[]): FakeSwarm {
  const behaviour: FakeBehaviour = { mode: 'works' };
  const joined = new Set<string>();
  let activeReads = 0;
  let reads = 0;
  let readsAhead = true;
  let expected: readonly StreamRange[] | undefined;

  async function read(tree: SmallTree, range: StreamRange, options: ReadOptions): Promise<void> {
    reads += 1;
    activeReads += 1;
    try {
      for (let at = range.startByte; at < range.endByte; ) {
        await beforeChunk(behaviour, at - range.startByte, options);
        const end = Math.min(at + chunkBytes - (at % chunkBytes), range.endByte);
        await options.write(tree.stream.subarray(at, end));
        at = end;
      }
    } finally {
      activeReads -= 1;
    }
  }

  const host: SwarmHost = {
    port: 6881,
    seed: () => {
      throw new Error('this fake seeds nothing');
    },
    join: async ({ metainfo }): Promise<TreeSwarm> => {
      if (behaviour.joinFails === true) throw new Error('no space left on device');
      const tree = trees.find((each) => each.metainfo.infohash === metainfo.infohash);
      if (tree === undefined) throw new Error(`no tree with infohash ${metainfo.infohash}`);
      joined.add(metainfo.infohash);
      return {
        metainfo,
        read: (range, options) => read(tree, range, options),
        expect: (order) => {
          expected = order;
        },
        status: () => statusOf(tree),
        close: async () => void joined.delete(metainfo.infohash),
      };
    },
    store: {
      status: () => ({ folder: '/fake', sizeBytes: 2 ** 20, capacityBytes: 2 ** 20 }),
      move: async ({ folder, sizeBytes = 2 ** 30 }) =>
        behaviour.move?.({ folder, sizeBytes }) ?? { folder, sizeBytes },
      leave: async () => {},
    },
    stopReadingAhead: () => {
      readsAhead = false;
    },
    close: async () => {},
  };
  return {
    host,
    behaviour,
    activeReads: () => activeReads,
    reads: () => reads,
    readsAhead: () => readsAhead,
    joined: () => [...joined],
    expected: () => expected,
  };
}

async function beforeChunk(
  behaviour: FakeBehaviour,
  doneBytes: number,
  { signal, patienceMs = 60_000 }: ReadOptions,
): Promise<void> {
  const { mode, failAfterBytes = Number.POSITIVE_INFINITY, delayMs = 0 } = behaviour;
  if (mode === 'deaf') await new Promise(() => {});
  await sleep(mode === 'empty' ? patienceMs : delayMs, undefined, { signal });
  if (mode === 'empty') throw new Error(`nothing came within ${patienceMs} ms`);
  if (mode === 'fails' || doneBytes >= failAfterBytes) throw new Error('no space left on device');
}

function statusOf({ metainfo }: SmallTree): SwarmStatus {
  const { infohash, pieceCount } = metainfo;
  return {
    infohash,
    piecesHeld: pieceCount,
    pieceCount,
    peers: [],
    offenders: [],
    counters: {
      receivedFromFrontendBytes: 0,
      receivedFromPeersBytes: 0,
      receivedByHttpBytes: 0,
      sentBytes: 0,
      badPieces: 0,
    },
  };
}
