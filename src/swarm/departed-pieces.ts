import type { WantedRange } from '../protocol/peer-wire/extensions.ts';
import { HandOutRacks } from './hand-out-racks.ts';

/** Before that it is left to its holders, and to what is shown to who has waited for too long. */
const stuckMs = 8000;

/** Which pieces have left a seeder, or are about to: how many peers have each, and which racks. */
export class DepartedPieces {
  readonly racks: HandOutRacks;
  readonly #pieceCount: number;
  readonly #copies: Uint16Array;
  readonly #onTheWay: Uint16Array;
  readonly #spreadAtMs: Float64Array;
  readonly #withheld = new Set<number>();
  #firstInside = 0;

  constructor(pieceCount: number) {
    this.racks = new HandOutRacks(pieceCount);
    this.#pieceCount = pieceCount;
    this.#copies = new Uint16Array(pieceCount);
    this.#onTheWay = new Uint16Array(pieceCount);
    this.#spreadAtMs = new Float64Array(pieceCount).fill(Number.NEGATIVE_INFINITY);
  }

  /** The first that nobody has; where all are out, how many there are. */
  get firstInside(): number {
    while (this.#firstInside < this.#pieceCount && !this.isInside(this.#firstInside)) {
      this.#firstInside += 1;
    }
    return this.#firstInside;
  }

  /** What is taken to be wanted by peers that cannot say so. */
  everythingInside(): WantedRange[] {
    const { firstInside: firstPiece } = this;
    return [{ firstPiece, count: this.#pieceCount - firstPiece, overdue: false }];
  }

  /** Nobody has it and it is on its way to nobody. */
  isInside(piece: number): boolean {
    return !this.#withheld.has(piece) && this.copiesOf(piece) === 0;
  }

  /** With those on their way. */
  copiesOf(piece: number): number {
    return (this.#copies[piece] ?? 0) + (this.#onTheWay[piece] ?? 0);
  }

  /** Somebody has been shown it, or has got it. */
  noteSpread(piece: number, nowMs: number): void {
    this.#spreadAtMs[piece] = nowMs;
  }

  /**
   * It is on its way to nobody, and nobody has got it for a while: who has it does not pass it on.
   * Behind uplinks it is enough that nobody in the rack has it, since it comes into each rack once.
   */
  isLeftOver(rack: number | undefined, piece: number, nowMs: number): boolean {
    if (this.#onTheWay[piece] !== 0 || this.isNearTo(rack, piece)) return false;
    return this.racks.areSeveral || nowMs - (this.#spreadAtMs[piece] ?? 0) >= stuckMs;
  }

  /** It can come from within the rack, and need not cross its uplink once more. */
  isNearTo(rack: number | undefined, piece: number): boolean {
    return this.racks.areSeveral && this.racks.has(rack, piece);
  }

  isWithheld(piece: number): boolean {
    return this.#withheld.has(piece);
  }

  /** It cannot be read: it is as good as gone. */
  withhold(piece: number): void {
    this.#withheld.add(piece);
  }

  /** A peer of this rack has it, or not any more. */
  held(rack: number | undefined, piece: number, change: 1 | -1): void {
    this.#count(this.#copies, piece, change);
    this.racks.add(rack, piece, change);
  }

  /** It sets out for a peer of this rack, or has come there or got lost. */
  sent(rack: number | undefined, piece: number, change: 1 | -1): void {
    this.#count(this.#onTheWay, piece, change);
    this.racks.add(rack, piece, change);
  }

  #count(counts: Uint16Array, piece: number, change: 1 | -1): void {
    counts[piece] = Math.max(0, (counts[piece] ?? 0) + change);
    if (change < 0 && this.isInside(piece)) {
      this.#firstInside = Math.min(this.#firstInside, piece);
    }
  }
}
