import type { Demand } from './demand.ts';
import type { HeldPiece, PieceBook } from './piece-book.ts';

/**
 * Which of some held pieces goes first when the store is full:
 *
 * 1. What was read ahead and is not near any more, where there is so much of it that nothing more
 *    may be read ahead.
 * 2. What the installer has had to the last byte, and of that what the swarm has most of.
 * 3. What it has had in part: another file begins in the same piece.
 * 4. What else was read ahead and is not near any more.
 *
 * What it waits for, has asked for or is likely to read next never goes.
 */
export function chooseVictim<Held extends HeldPiece>(
  candidates: readonly Held[],
): Held | undefined {
  let best: Held | undefined;
  for (const candidate of candidates) {
    if (candidate.wanted) continue;
    if (best === undefined || worthOf(candidate) < worthOf(best)) best = candidate;
  }
  return best;
}

const tier = 1000;
const tierOf = { whole: 1, part: 2, none: 3 } as const;

function worthOf({ surplus, read, copies }: HeldPiece): number {
  return (surplus ? 0 : tierOf[read]) * tier - Math.min(copies, tier - 1);
}

/** What is known of some held pieces now. */
export function describeHeld(
  book: PieceBook,
  demand: Demand,
  { pieces, mayReadAhead }: { readonly pieces: readonly number[]; readonly mayReadAhead: boolean },
): HeldPiece[] {
  return pieces.map((piece) => {
    const read = book.readOf(piece);
    const wanted = demand.isSoon(piece) || (read !== 'whole' && demand.isAhead(piece));
    const surplus = !wanted && !mayReadAhead && !book.isAsked(piece);
    return { piece, wanted, surplus, read, copies: book.copiesOf(piece) };
  });
}
