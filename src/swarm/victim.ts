import type { Demand } from './demand.ts';
import type { HeldPiece, PieceBook } from './piece-book.ts';

/**
 * Which of some held pieces goes first when the store is full: what the installer has had and the
 * swarm has plenty of; then what it has had; then what was read ahead and is not near any more.
 * What is wanted never goes.
 */
export function chooseVictim(candidates: readonly HeldPiece[]): number | undefined {
  let best: HeldPiece | undefined;
  for (const candidate of candidates) {
    if (candidate.wanted) continue;
    if (best === undefined || worth(candidate) < worth(best)) best = candidate;
  }
  return best?.piece;
}

function worth(held: HeldPiece): number {
  return (held.consumed ? 0 : 1000) - Math.min(held.copies, 999);
}

const sampleSize = 64;

/** Some held pieces from a random place on: enough to find a good victim, quick at any size. */
export function sampleHeld(book: PieceBook, demand: Demand): HeldPiece[] {
  const ranges = [...demand.urgent(), ...demand.soon(), ...demand.ahead()];
  const isWanted = (piece: number) =>
    ranges.some((range) => piece >= range.first && piece < range.end);
  const sample: HeldPiece[] = [];
  const start = Math.floor(Math.random() * book.held.length);
  for (let step = 0; step < book.held.length && sample.length < sampleSize; step += 1) {
    const piece = (start + step) % book.held.length;
    if (book.held.has(piece)) sample.push(book.describe(piece, isWanted(piece)));
  }
  return sample;
}
