import type { StoreStatus, SwarmStatus } from '../swarm/types.ts';
import type { Counters } from './counters.ts';
import type { FirstByteReport } from './first-byte-waits.ts';
import type { TreeSlot } from './tree-slot.ts';

/** `/agent/status`. */
export type AgentStatus = {
  readonly version: string;
  readonly frontend: string;
  /** Its list of trees has come, and names the key that was given; any list, if none was. */
  readonly isFrontendKnown: boolean;
  readonly role: string | undefined;
  readonly uptimeMs: number;
  /** Undefined when no swarm port could be opened. */
  readonly swarmPort: number | undefined;
  readonly store: {
    /** Missing: none can be used, pieces are in memory only. */
    readonly folder: string | undefined;
    readonly sizeBytes: number;
    /** What the disk has given of it, or can be asked for. */
    readonly capacityBytes: number;
    readonly usedBytes: number;
  };
  readonly firstByte: FirstByteReport;
  readonly trees: readonly TreeReport[];
} & Readonly<Counters>;

export type TreeReport = {
  readonly name: string;
  readonly generation: number;
  readonly state: 'opening' | 'ready' | 'refused' | 'unavailable';
  /** Why it is not ready. */
  readonly reason?: string;
  /** False while files come from the frontend because there is no swarm. */
  readonly inSwarm: boolean;
  readonly pieceLengthBytes?: number;
} & Partial<SwarmStatus>;

export type StatusInput = {
  readonly facts: Omit<AgentStatus, 'trees' | 'uptimeMs' | 'store' | 'firstByte' | keyof Counters>;
  readonly store: StoreStatus;
  readonly startedAtMs: number;
  readonly counters: Counters;
  readonly firstByte: FirstByteReport;
  readonly slots: readonly TreeSlot[];
};

export function reportStatus(input: StatusInput): AgentStatus {
  const trees = input.slots.map(reportTree);
  return {
    ...input.facts,
    uptimeMs: Math.round(performance.now() - input.startedAtMs),
    store: { ...input.store, usedBytes: trees.reduce((sum, tree) => sum + heldBytes(tree), 0) },
    ...input.counters,
    firstByte: input.firstByte,
    trees,
  };
}

function reportTree({ id, state }: TreeSlot): TreeReport {
  const { name, generation, infohash } = id;
  const now = state();
  if (now === undefined) {
    return { name, generation, infohash, state: 'opening', inSwarm: false };
  }
  if (now.kind !== 'ready') {
    return { name, generation, infohash, state: now.kind, reason: now.reason, inSwarm: false };
  }
  const { metainfo } = now.tree;
  const swarm = now.tree.swarm();
  return {
    name,
    generation,
    state: 'ready',
    inSwarm: swarm !== undefined,
    pieceLengthBytes: metainfo.pieceLengthBytes,
    ...(swarm?.status() ?? { infohash, pieceCount: metainfo.pieceCount, piecesHeld: 0 }),
  };
}

function heldBytes({ piecesHeld = 0, pieceLengthBytes = 0 }: TreeReport): number {
  return piecesHeld * pieceLengthBytes;
}
