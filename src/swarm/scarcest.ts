import type { DepartedPieces } from './departed-pieces.ts';

/** What an installer waits for on two connections: that later ones are not passed on says nothing. */
const mostLookedAt = 16;
const leastFew = 2;
const fewPart = 8;

export type ScarcestOptions = {
  readonly rack: number | undefined;
  readonly peers: number;
  readonly nowMs: number;
};

/**
 * What of the next pieces that a peer needs is shown again though all have left: what the fewest
 * have, an eighth of all peers at most, and nobody gets. Behind uplinks any number may have it
 * elsewhere, and all that the peer needs is looked at.
 */
export class Scarcest {
  readonly #departed: DepartedPieces;
  readonly #options: ScarcestOptions;
  #copies: number;
  #left: number;
  #piece: number | undefined;

  constructor(departed: DepartedPieces, options: ScarcestOptions) {
    const { areSeveral } = departed.racks;
    const { peers } = options;
    this.#departed = departed;
    this.#options = options;
    this.#copies = areSeveral ? peers : Math.max(leastFew, Math.ceil(peers / fewPart));
    this.#left = areSeveral ? Number.POSITIVE_INFINITY : mostLookedAt;
  }

  get piece(): number | undefined {
    return this.#piece;
  }

  /** To be called in the order of need. False: no more are looked at. */
  consider(piece: number): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    const { rack, nowMs } = this.#options;
    const copies = this.#departed.copiesOf(piece);
    if (copies >= this.#copies || !this.#departed.isLeftOver(rack, piece, nowMs)) return true;
    this.#piece = piece;
    this.#copies = copies;
    return true;
  }
}
