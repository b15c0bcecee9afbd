import { Bitfield } from '../protocol/bitfield.ts';

/** So long a piece is left to who said that he fetches it. */
const claimMs = 3000;

/** Of so many at a time note is taken. */
const mostClaims = 4096;

type Claim<Mate> = { readonly mate: Mate; readonly untilMs: number };

/** What machines of a rack have said that they fetch from outside of it. */
export class RackClaims<Mate> {
  readonly #byPiece = new Map<number, Claim<Mate>>();
  /** What was claimed for too long: it is not left to anybody again. */
  readonly #overclaimed: Bitfield;

  constructor(pieceCount: number) {
    this.#overclaimed = new Bitfield(pieceCount);
  }

  has(piece: number): boolean {
    return this.#byPiece.has(piece);
  }

  /** Unless it is somebody's already, or was claimed in vain before. */
  add(mate: Mate, piece: number, nowMs: number): void {
    if (this.has(piece) || this.#overclaimed.has(piece)) return;
    if (this.#byPiece.size >= mostClaims) return;
    this.#byPiece.set(piece, { mate, untilMs: nowMs + claimMs });
  }

  /** It has come. */
  delete(piece: number): void {
    this.#byPiece.delete(piece);
  }

  /** Who comes back may not claim it again. */
  forget(gone: Mate): void {
    for (const [piece, { mate }] of this.#byPiece) if (mate === gone) this.#giveUp(piece);
  }

  /** What was claimed for too long is anybody's again. */
  expire(nowMs: number): void {
    for (const [piece, { untilMs }] of this.#byPiece) {
      // In the order in which they were made.
      if (untilMs > nowMs) return;
      this.#giveUp(piece);
    }
  }

  #giveUp(piece: number): void {
    this.#byPiece.delete(piece);
    this.#overclaimed.add(piece);
  }
}
