import type { Downloads } from './downloads.ts';
import { OpenPieces } from './open-pieces.ts';
import type { OwnRack } from './own-rack.ts';
import type { Peer } from './peer.ts';
import type { PickerState } from './piece-picker.ts';

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
  readonly #any: OpenPieces;
  readonly #first: OpenPieces;
  readonly #helping: OpenPieces;
  #helps = false;
  #lookedAt = -1;

  constructor(deps: RackPickerDeps) {
    const { rack, picker } = deps;
    const { isInFlight } = picker;
    this.#deps = deps;
    const only = (isClosed: (piece: number) => boolean) =>
      new OpenPieces({ ...picker, isInFlight: isClosed });
    this.#any = only(isInFlight);
    this.#first = only(
      (piece) => !(rack.isOurs(piece) && rack.isNowhere(piece)) || isInFlight(piece),
    );
    this.#helping = only((piece) => isInFlight(piece) || !rack.mayImport(piece));
  }

  offered(pieces: readonly number[]): void {
    for (const open of [this.#any, this.#first, this.#helping]) open.offered(pieces);
  }

  /** Of its `news`, or of all that it has, see OpenPieces. Undefined: nothing now. */
  choose(peer: Peer, news: readonly number[] | undefined, changes: number): number | undefined {
    const choose = (open: OpenPieces) => open.choose(peer.pieces, news, changes);
    if (!this.#isImport(peer)) return choose(this.#any);
    return choose(this.#first) ?? (this.#isHelping() ? undefined : choose(this.#helping));
  }

  #isHelping(): boolean {
    const { rack, downloads } = this.#deps;
    const changes = downloads.changes + rack.changes;
    if (changes !== this.#lookedAt) this.#helps = this.#findHelp();
    this.#lookedAt = changes;
    return this.#helps;
  }

  #findHelp(): boolean {
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
