import type { SlotLabel } from './slot-records.ts';

/** A piece that an earlier process may have left, in the order of its parts. */
type Found = { readonly sizeBytes: number; readonly slots: readonly number[] };

/**
 * What the store's index says that an earlier process left, by the hash of the piece. Nothing of it
 * is believed: who claims a piece has to verify it. Its slots go to whoever needs them before.
 */
export class FoundPieces {
  readonly #byHash = new Map<string, Found>();

  /** The number of pieces that nobody has claimed. */
  get count(): number {
    return this.#byHash.size;
  }

  /** Takes in all labels of a file; returns the slots that hold no whole piece, or one twice. */
  read(slotCount: number, labelOf: (slot: number) => SlotLabel | undefined): number[] {
    const loose: number[] = [];
    const gathered = new Map<string, Gathered>();
    for (let slot = 0; slot < slotCount; slot += 1) {
      const label = labelOf(slot);
      const key = label?.pieceHash.toString('latin1') ?? '';
      const known = gathered.get(key);
      if (label === undefined || (known !== undefined && !fits(known, label))) loose.push(slot);
      else if (known !== undefined) known.slots.set(label.part, slot);
      else gathered.set(key, { ...label, slots: new Map([[label.part, slot]]) });
    }
    for (const [key, { sizeBytes, parts, slots }] of gathered) {
      if (slots.size < parts) loose.push(...slots.values());
      else this.#byHash.set(key, { sizeBytes, slots: inOrder(slots) });
    }
    return loose;
  }

  /** The slots of a piece that is no longer counted here; undefined: none was found. */
  claim(pieceHash: Buffer, sizeBytes: number): readonly number[] | undefined {
    const key = pieceHash.toString('latin1');
    const found = this.#byHash.get(key);
    if (found === undefined || found.sizeBytes !== sizeBytes) return undefined;
    this.#byHash.delete(key);
    return found.slots;
  }

  /** Gives up some piece that nobody has claimed, for its slots. */
  giveUpOne(): readonly number[] {
    const [first] = this.#byHash;
    if (first === undefined) return [];
    this.#byHash.delete(first[0]);
    return first[1].slots;
  }
}

type Gathered = {
  readonly sizeBytes: number;
  readonly parts: number;
  readonly slots: Map<number, number>;
};

/** Of the same piece, and a part that is not here yet. */
function fits(known: Gathered, { sizeBytes, part, parts }: SlotLabel): boolean {
  return known.sizeBytes === sizeBytes && known.parts === parts && !known.slots.has(part);
}

function inOrder(slots: ReadonlyMap<number, number>): number[] {
  return [...slots].sort(([one], [other]) => one - other).map(([, slot]) => slot);
}
