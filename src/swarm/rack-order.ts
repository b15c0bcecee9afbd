/** How many of the mates come before this machine when the piece is fetched from outside. */
export function countBefore(ownId: string, mates: Iterable<Mate>, piece: number): number {
  const own = weigh(ownId, piece);
  let before = 0;
  for (const { id } of mates) {
    const weight = weigh(id, piece);
    if (weight < own || (weight === own && id < ownId)) before += 1;
  }
  return before;
}

type Mate = { readonly id: string };

/** Rendezvous hashing (Thaler and Ravishankar, 1998): all agree on an order without a word. */
function weigh(id: string, piece: number): number {
  let hash = 0x811c9dc5 ^ piece;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
}
