import type { Downloads } from './downloads.ts';
import type { OwnRack } from './own-rack.ts';
import type { Peer } from './peer.ts';
import { chooseFresh, choosePiece, type PickerState } from './piece-picker.ts';

export type RackPickerDeps = {
  readonly rack: OwnRack;
  readonly downloads: Downloads;
  readonly picker: PickerState;
};

/**
 * What to ask a peer for. Of one outside of the own rack that is what this machine is to import
 * before all others; when there is nothing of that, one piece at a time of what others have let
 * pass. When nobody could help, the pieces of a machine that is gone or stalled would hold up all;
 * when everybody helped as much as he can, an uplink that is behind would be asked for everything
 * several times.
 */
export class RackPicker {
  readonly #deps: RackPickerDeps;
  readonly #first: PickerState;
  readonly #helping: PickerState;

  constructor(deps: RackPickerDeps) {
    const { rack, picker } = deps;
    this.#deps = deps;
    const only = (isOpen: (piece: number) => boolean): PickerState => ({
      ...picker,
      isInFlight: (piece) => picker.isInFlight(piece) || !isOpen(piece),
    });
    this.#first = only((piece) => rack.isOurs(piece) && rack.isNowhere(piece));
    this.#helping = only((piece) => rack.mayImport(piece));
  }

  /** From a list of what it offered of late, or from all that it has. Undefined: nothing now. */
  choose(peer: Peer, fresh: number[] | undefined): number | undefined {
    const choose = (picker: PickerState) =>
      fresh === undefined
        ? choosePiece(picker, peer.pieces)
        : chooseFresh(picker, peer.pieces, fresh);
    if (!this.#isImport(peer)) return choose(this.#deps.picker);
    return choose(this.#first) ?? (this.#isHelping() ? undefined : choose(this.#helping));
  }

  #isHelping(): boolean {
    const { rack, downloads } = this.#deps;
    for (const piece of downloads.pieces()) {
      const [first] = downloads.of(piece);
      if (first !== undefined && this.#isImport(first.peer) && !rack.isOurs(piece)) return true;
    }
    return false;
  }

  /** What a frontend shows to this machine it shows to no other one of the rack. */
  #isImport(peer: Peer): boolean {
    return !peer.frontend && this.#deps.rack.isOutside(peer);
  }
}
