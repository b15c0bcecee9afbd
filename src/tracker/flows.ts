import { FlowMatrix, frontendName } from './flow-matrix.ts';
import type { Places } from './places.ts';
import type { FlowStats } from './types.ts';

export type Endpoint = { readonly address: string; readonly port: number };

/** Beyond so many machines it is told by rack only. */
const mostNodes = 64;
const mostRacks = 64;

/** Who feeds whom, as the receivers tell it, since the tracker's start. */
export class Flows {
  readonly #places: Places;
  readonly #racks = new FlowMatrix(mostRacks);
  #nodes: FlowMatrix | undefined = new FlowMatrix(mostNodes);

  constructor(places: Places) {
    this.#places = places;
  }

  addFromFrontend(to: Endpoint, sizeBytes: number): void {
    if (sizeBytes === 0) return;
    this.#racks.add(frontendName, this.#places.rackOf(to.address), sizeBytes);
    this.#addByNode(() => frontendName, to, sizeBytes);
  }

  /** True: both are of one rack. */
  addFromPeer(from: Endpoint, to: Endpoint, sizeBytes: number): boolean {
    const fromRack = this.#places.rackOf(from.address);
    const toRack = this.#places.rackOf(to.address);
    this.#racks.add(fromRack, toRack, sizeBytes);
    this.#addByNode(() => this.#places.nodeOf(from), to, sizeBytes);
    return fromRack === toRack;
  }

  snapshot(): { readonly byRack: FlowStats; readonly byNode: FlowStats | null } {
    return { byRack: this.#racks.snapshot(), byNode: this.#nodes?.snapshot() ?? null };
  }

  #addByNode(from: () => string, to: Endpoint, sizeBytes: number): void {
    if (this.#nodes === undefined) return;
    this.#nodes.add(from(), this.#places.nodeOf(to), sizeBytes);
    if (this.#nodes.isFull) this.#nodes = undefined;
  }
}
