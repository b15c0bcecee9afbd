import type { Bitfield } from '../protocol/bitfield.ts';
import { chooseAmong, choosePiece, listOpen, type PickerState } from './piece-picker.ts';

/** Of more pieces there is no list: they are looked for among what a peer has. */
const longestList = 512;

/**
 * What could be asked for now, made once for all peers: most of the time that is little, however much
 * each of them has.
 */
export class OpenPieces {
  readonly #state: PickerState;
  #list: number[] | undefined = [];
  #listedAt = -1;

  constructor(state: PickerState) {
    this.#state = state;
  }

  /** A peer offers these: where it is the first, that may be news. */
  offered(pieces: readonly number[]): void {
    const { availability, held } = this.#state;
    const news = pieces.filter((piece) => availability[piece] === 1 && !held.has(piece));
    if ((this.#list?.length ?? 0) + news.length > longestList) this.#list = undefined;
    else this.#list?.push(...news);
  }

  /**
   * A piece to ask a peer for, of its `news`, or else of all that it has. `changes` grows whenever
   * more may be asked for than before. Undefined: nothing.
   */
  choose(
    offered: Bitfield,
    news: readonly number[] | undefined,
    changes: number,
  ): number | undefined {
    const list = news ?? this.#listAt(changes);
    if (list === undefined) return choosePiece(this.#state, offered);
    return chooseAmong(this.#state, offered, list);
  }

  #listAt(changes: number): readonly number[] | undefined {
    if (changes !== this.#listedAt) this.#list = listOpen(this.#state, longestList);
    this.#listedAt = changes;
    return this.#list;
  }
}
