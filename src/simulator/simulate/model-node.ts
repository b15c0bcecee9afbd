import type { Metainfo } from '../../protocol/metainfo.ts';
import { silentLog } from '../../runtime/log.ts';
import { Bans } from '../../swarm/bans.ts';
import type { Leecher } from '../../swarm/leecher.ts';
import { createMembership } from '../../swarm/membership.ts';
import type { Slots } from '../../swarm/store/slot-file.ts';
import { StoreRoom } from '../../swarm/store/store-room.ts';
import type { Machine } from './machine.ts';
import type { ModelFrontend } from './model-frontend.ts';
import type { ModelTracker } from './model-tracker.ts';
import { type Network, swarmPort } from './network.ts';
import type { PieceMemory } from './piece-memory.ts';
import { Reading } from './reading.ts';
import type { Place } from './virtual-wire.ts';

/** All that the nodes of a modelled rack have in common. */
export type Rack = {
  readonly network: Network;
  readonly tracker: ModelTracker;
  readonly frontend: ModelFrontend;
  readonly memory: PieceMemory;
  readonly metainfo: Metainfo;
  /** What a store would have, for how far a node looks ahead; all that it gets fits in any case. */
  readonly storeBytes: number;
};

export type NodeSettings = {
  readonly machine: Machine;
  /** 20 bytes. */
  readonly peerId: Buffer;
  readonly random: () => number;
};

/** No disk: what is held is in memory, of which there is as much as a store would have. */
const noSlots: Slots = {
  capacitySlots: 0,
  usedSlots: 0,
  foundPieces: 0,
  take: () => undefined,
  free: () => {},
  write: () => Promise.resolve(),
  read: () => undefined,
  claim: () => undefined,
};

/** Room for everything. */
class ModelRoom extends StoreRoom {
  readonly #shareBytes: number;

  constructor(shareBytes: number) {
    super(noSlots, Number.POSITIVE_INFINITY);
    this.#shareBytes = shareBytes;
  }

  override shareBytesOf(): number {
    return this.#shareBytes;
  }
}

/** An agent: the swarm's own code, on a modelled machine. It has its documents. */
export function joinSwarm(rack: Rack, { machine, peerId, random }: NodeSettings): Leecher {
  const { network, tracker, memory, metainfo, frontend } = rack;
  const { time, traffic } = network;
  const place: Place = { machine, reading: new Reading(time), lies: false };
  const bans = new Bans();
  const { leecher } = createMembership(
    {
      log: silentLog,
      limiter: { take: () => 0 },
      room: new ModelRoom(rack.storeBytes),
      bans,
      peerId,
      surroundings: {
        clock: time,
        random,
        buffersFor: () => memory,
        verifies: () => traffic.isRight,
        callPeer: (address, own) => network.call(place, address, own),
        askTrackers: tracker.askFrom(machine.ip, machine.latencyMs),
      },
    },
    {
      metainfo,
      trackers: [],
      fallback: frontend.fallbackFor(machine),
      own: { frontend: false, client: 'model', listenPort: swarmPort, requestQueueLength: 500 },
      localAddress: undefined,
      role: undefined,
    },
  );
  network.listen({
    place,
    peerId,
    accept: (connection) => !bans.has(connection) && leecher.accept(connection) !== undefined,
  });
  return leecher;
}
