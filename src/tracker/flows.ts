import { FlowMatrix, frontendName } from './flow-matrix.ts';
import type { Places } from './places.ts';
import type { NodeFlowStats, TrackerStats } from './types.ts';

export type Endpoint = { readonly address: string; readonly port: number };

/** Beyond so many machines it is told by rack only. */
const mostNodes = 64;
const mostRacks = 64;

/**
 * Who feeds whom, as the receivers tell it, since the tracker's start. Names are of machines that
 * have announced: one that is only spoken of is among the others, so that no liar can fill the page.
 */
export class Flows {
  readonly #places: Places;
  readonly #racks = new FlowMatrix(mostRacks);
  #nodes: FlowMatrix | undefined = new FlowMatrix(mostNodes);

  constructor(places: Places) {
    this.#places = places;
    this.#racks.admit(frontendName);
    this.#nodes?.admit(frontendName);
  }

  /** To be called of each that announces, at the beginning of its session. */
  admit(peer: Endpoint): void {
    const rack = this.#places.rackOf(peer.address);
    this.#racks.admit(rack);
    this.#nodes?.admit(this.#places.nodeOf(peer), rack);
    if (this.#nodes?.isFull) this.#nodes = undefined;
  }

  addFromFrontend(to: Endpoint, sizeBytes: number): void {
    if (sizeBytes === 0) return;
    this.#racks.add(frontendName, this.#places.rackOf(to.address), sizeBytes);
    this.#nodes?.add(frontendName, this.#places.nodeOf(to), sizeBytes);
  }

  /** True: both are of one rack. */
  addFromPeer(from: Endpoint, to: Endpoint, sizeBytes: number): boolean {
    const fromRack = this.#places.rackOf(from.address);
    const toRack = this.#places.rackOf(to.address);
    this.#racks.add(fromRack, toRack, sizeBytes);
    this.#nodes?.add(this.#places.nodeOf(from), this.#places.nodeOf(to), sizeBytes);
    return fromRack === toRack;
  }

  snapshot(): TrackerStats['flows'] {
    const byNode = this.#nodes === undefined ? null : snapshotWithRacks(this.#nodes);
    return { byRack: this.#racks.snapshot(), byNode };
  }
}

function snapshotWithRacks(nodes: FlowMatrix): NodeFlowStats {
  const flows = nodes.snapshot();
  const racksOf = (names: readonly string[]) => names.map((name) => nodes.groupOf(name));
  return {
    ...flows,
    sourceRacks: racksOf(flows.sources),
    receiverRacks: racksOf(flows.receivers),
  };
}
