import { RackClaims } from './rack-claims.ts';

type Rack = {
  peers: number;
  readonly copies: Uint16Array;
  readonly claims: RackClaims<number>;
};

/** Machines of further ones count for none. */
const mostRacks = 512;

/** Which pieces each rack has, or is about to get. */
export class HandOutRacks {
  readonly #pieceCount: number;
  readonly #racks = new Map<number, Rack>();

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
  }

  /** False: whoever asks is as near as anybody else. */
  get areSeveral(): boolean {
    return this.#racks.size > 1;
  }

  /** A peer is there. Answers with the rack that it counts for; undefined: with none. */
  enter(number: number | undefined): number | undefined {
    if (number === undefined) return undefined;
    const rack = this.#racks.get(number) ?? this.#open(number);
    if (rack === undefined) return undefined;
    rack.peers += 1;
    return number;
  }

  /** To be called when its pieces have been taken off. */
  leave(number: number | undefined): void {
    const rack = this.#of(number);
    if (number === undefined || rack === undefined) return;
    rack.peers -= 1;
    if (rack.peers === 0) this.#racks.delete(number);
  }

  add(number: number | undefined, piece: number, change: 1 | -1): void {
    const rack = this.#of(number);
    if (rack === undefined) return;
    rack.copies[piece] = Math.max(0, (rack.copies[piece] ?? 0) + change);
    if (change > 0) rack.claims.delete(piece);
  }

  /** Somebody in the rack fetches these from another one. */
  claim(number: number | undefined, pieces: readonly number[], nowMs: number): void {
    const claims = this.#of(number)?.claims;
    if (number === undefined || claims === undefined) return;
    for (const piece of pieces) claims.add(number, piece, nowMs);
  }

  expireClaims(nowMs: number): void {
    for (const { claims } of this.#racks.values()) claims.expire(nowMs);
  }

  /** The rack has it, or it is on its way there. */
  has(number: number | undefined, piece: number): boolean {
    const rack = this.#of(number);
    if (rack === undefined) return false;
    return (rack.copies[piece] ?? 0) > 0 || rack.claims.has(piece);
  }

  #open(number: number): Rack | undefined {
    if (this.#racks.size >= mostRacks) return undefined;
    const copies = new Uint16Array(this.#pieceCount);
    const rack = { peers: 0, copies, claims: new RackClaims<number>(this.#pieceCount) };
    this.#racks.set(number, rack);
    return rack;
  }

  #of(number: number | undefined): Rack | undefined {
    return number === undefined ? undefined : this.#racks.get(number);
  }
}
