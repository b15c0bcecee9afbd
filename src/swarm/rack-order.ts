/**
 * For each piece, how many mates come before this machine when it is fetched from outside of the
 * rack. Rendezvous hashing (Thaler and Ravishankar, 1998): all agree on an order without a word.
 */
export class RackOrder {
  readonly #ownId: string;
  readonly #ownWeights: Uint32Array;
  readonly #before: Uint16Array;

  constructor(ownId: string, pieceCount: number) {
    this.#ownId = ownId;
    const ownHash = hashOf(ownId);
    this.#ownWeights = Uint32Array.from({ length: pieceCount }, (_, piece) =>
      weigh(ownHash, piece),
    );
    this.#before = new Uint16Array(pieceCount);
  }

  countBefore(piece: number): number {
    return this.#before[piece] ?? 0;
  }

  add(mateId: string): void {
    this.#count(mateId, 1);
  }

  /** It was added before. */
  remove(mateId: string): void {
    this.#count(mateId, -1);
  }

  #count(mateId: string, change: 1 | -1): void {
    const hash = hashOf(mateId);
    const isBeforeIfEqual = mateId < this.#ownId;
    for (let piece = 0; piece < this.#before.length; piece += 1) {
      const own = this.#ownWeights[piece] ?? 0;
      const weight = weigh(hash, piece);
      if (weight > own || (weight === own && !isBeforeIfEqual)) continue;
      this.#before[piece] = (this.#before[piece] ?? 0) + change;
    }
  }
}

/** FNV-1a. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return hash;
}

/** The finalizer of MurmurHash3 over both. */
function weigh(idHash: number, piece: number): number {
  let hash = idHash ^ Math.imul(piece, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
