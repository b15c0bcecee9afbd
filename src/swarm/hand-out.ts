import type { Bitfield } from '../protocol/bitfield.ts';
import type { WantedRange } from '../protocol/peer-wire/extensions.ts';

/**
 * Super-seeding in install order: which piece a seeder shows to which peer next. What it weighs:
 *
 * 1. Each piece leaves once before any leaves twice: a piece that a peer has, or that is on its
 *    way to one, is not shown again while a wanted one has not left.
 * 2. The order is the peers' own: what they say they want, most urgent first; peers that cannot
 *    say so are taken to want everything from the front.
 * 3. Who has been shown least of late comes first, so that each passes on an equal share.
 * 4. Little is on the way at once (a third of a second's worth), so that pieces leave one after
 *    the other instead of all at the end, and a piece given to a dead peer is soon given again.
 * 5. What an installer has waited for too long is shown at once, out of turn.
 * 6. When all that a peer wants has left, it is shown what fewer than half of its fellows have.
 */
export type Showing<Peer> = { readonly peer: Peer; readonly piece: number };

type Entry = {
  wants: readonly WantedRange[] | undefined;
  /** Piece → when it was shown; not yet confirmed. */
  readonly onTheWay: Map<number, number>;
  readonly shown: Set<number>;
  /** Nothing was found for it: it is not looked at again before this time. */
  dryUntilMs: number;
  /** How many pieces it was shown, the last seconds counting most. */
  given: number;
};

const leastWindowPieces = 8;
const windowMs = 300;
const staleMs = 2000;
const dryMs = 50;
const givenDecay = 0.95;

export class HandOut<Peer extends { readonly pieces: Bitfield }> {
  readonly #pieceCount: number;
  readonly #pieceLengthBytes: number;
  readonly #entries = new Map<Peer, Entry>();
  readonly #copies: Uint16Array;
  readonly #onTheWay: Uint16Array;
  readonly #withheld = new Set<number>();
  #firstInside = 0;
  #rateBytesPerMs = 0;
  #confirmedBytes = 0;
  #measuredAtMs = 0;

  constructor(pieceCount: number, pieceLengthBytes: number) {
    this.#pieceCount = pieceCount;
    this.#pieceLengthBytes = pieceLengthBytes;
    this.#copies = new Uint16Array(pieceCount);
    this.#onTheWay = new Uint16Array(pieceCount);
  }

  /** It wants nothing until it is known what. */
  add(peer: Peer): void {
    this.#entries.set(peer, {
      wants: [],
      onTheWay: new Map(),
      shown: new Set(),
      dryUntilMs: 0,
      given: 0,
    });
  }

  /** Its pieces count no longer as having left. */
  remove(peer: Peer): void {
    const entry = this.#entries.get(peer);
    if (entry === undefined) return;
    for (const piece of entry.onTheWay.keys()) this.#leaveWay(piece);
    this.#entries.delete(peer);
    for (let piece = 0; piece < this.#pieceCount; piece += 1) {
      if (peer.pieces.has(piece)) this.#addCopies(piece, -1);
    }
  }

  /** Undefined: everything. */
  setWants(peer: Peer, wants: readonly WantedRange[] | undefined): void {
    const entry = this.#entries.get(peer);
    if (entry === undefined) return;
    entry.wants = wants;
    entry.dryUntilMs = 0;
  }

  /** The peer has these pieces now, from whomever. */
  received(peer: Peer, pieces: readonly number[]): void {
    for (const piece of pieces) {
      this.#addCopies(piece, 1);
      this.confirm(peer, piece);
    }
  }

  lost(_peer: Peer, piece: number): void {
    this.#addCopies(piece, -1);
  }

  /** What was shown has been fetched, as far as can be known. */
  confirm(peer: Peer, piece: number): void {
    if (this.#entries.get(peer)?.onTheWay.delete(piece) !== true) return;
    this.#leaveWay(piece);
    this.#confirmedBytes += this.#pieceLengthBytes;
  }

  /** Nothing more is shown of a piece that cannot be read. */
  withhold(piece: number): void {
    this.#withheld.add(piece);
  }

  isShown(peer: Peer, piece: number): boolean {
    return this.#entries.get(peer)?.shown.has(piece) === true;
  }

  /** True when some peer has every piece that can be had here. */
  get allOut(): boolean {
    while (this.#firstInside < this.#pieceCount && !this.#isInside(this.#firstInside)) {
      this.#firstInside += 1;
    }
    return this.#firstInside >= this.#pieceCount;
  }

  /** What to show now. The caller tells the peers; until confirmed it counts as on the way. */
  next(nowMs: number): Showing<Peer>[] {
    this.#measure(nowMs);
    const showings: Showing<Peer>[] = [];
    const window = this.#windowPieces();
    const perPeer = Math.max(2, Math.ceil(window / Math.max(1, this.#entries.size)) + 1);
    let room = window - this.#freshOnTheWay(nowMs);
    while (room > 0) {
      const [peer, entry] = this.#leastGiven(perPeer, nowMs) ?? [];
      if (peer === undefined || entry === undefined) break;
      const piece = this.#choose(peer, entry, this.#entries.size);
      if (piece === undefined) {
        entry.dryUntilMs = nowMs + dryMs;
        continue;
      }
      this.#show(entry, piece, nowMs);
      showings.push({ peer, piece });
      room -= 1;
    }
    return showings;
  }

  /** Of the peers that may be shown something, the one that was shown least of late. */
  #leastGiven(perPeer: number, nowMs: number): [Peer, Entry] | undefined {
    let least: [Peer, Entry] | undefined;
    for (const each of this.#entries) {
      const [, entry] = each;
      if (entry.onTheWay.size >= perPeer || entry.dryUntilMs > nowMs) continue;
      if (least === undefined || entry.given < least[1].given) least = each;
    }
    return least;
  }

  #choose(peer: Peer, entry: Entry, peerCount: number): number | undefined {
    const wants = entry.wants ?? [
      {
        firstPiece: this.#firstInside,
        count: this.#pieceCount - this.#firstInside,
        overdue: false,
      },
    ];
    let scarce: number | undefined;
    let scarceCopies = Math.ceil(peerCount / 2);
    for (const range of wants) {
      for (let piece = range.firstPiece; piece < range.firstPiece + range.count; piece += 1) {
        if (peer.pieces.has(piece) || entry.shown.has(piece)) continue;
        if (range.overdue || this.#isInside(piece)) {
          if (!this.#withheld.has(piece)) return piece;
          continue;
        }
        const copies = this.#copiesOf(piece);
        if (copies < scarceCopies && this.#onTheWay[piece] === 0) {
          scarce = piece;
          scarceCopies = copies;
        }
      }
    }
    return entry.onTheWay.size === 0 ? scarce : undefined;
  }

  #show(entry: Entry, piece: number, nowMs: number): void {
    entry.onTheWay.set(piece, nowMs);
    entry.shown.add(piece);
    entry.given += 1;
    this.#onTheWay[piece] = (this.#onTheWay[piece] ?? 0) + 1;
  }

  /** Counts what is on the way; what has been for too long is given up, so that others get it. */
  #freshOnTheWay(nowMs: number): number {
    let fresh = 0;
    for (const entry of this.#entries.values()) {
      for (const [piece, shownAtMs] of entry.onTheWay) {
        if (nowMs - shownAtMs < staleMs) {
          fresh += 1;
          continue;
        }
        entry.onTheWay.delete(piece);
        this.#leaveWay(piece);
      }
    }
    return fresh;
  }

  #windowPieces(): number {
    const worth = (this.#rateBytesPerMs * windowMs) / this.#pieceLengthBytes;
    return Math.max(leastWindowPieces, Math.ceil(worth));
  }

  #measure(nowMs: number): void {
    const elapsedMs = nowMs - this.#measuredAtMs;
    if (elapsedMs < windowMs) return;
    const rate = this.#confirmedBytes / elapsedMs;
    this.#rateBytesPerMs = Math.max(rate, this.#rateBytesPerMs * 0.7 + rate * 0.3);
    this.#confirmedBytes = 0;
    this.#measuredAtMs = nowMs;
    for (const entry of this.#entries.values()) entry.given *= givenDecay;
  }

  /** Nobody has it and it is on its way to nobody. */
  #isInside(piece: number): boolean {
    if (this.#withheld.has(piece)) return false;
    return this.#copies[piece] === 0 && this.#onTheWay[piece] === 0;
  }

  #copiesOf(piece: number): number {
    return (this.#copies[piece] ?? 0) + (this.#onTheWay[piece] ?? 0);
  }

  #addCopies(piece: number, change: number): void {
    this.#copies[piece] = Math.max(0, (this.#copies[piece] ?? 0) + change);
    if (change < 0) this.#firstInside = Math.min(this.#firstInside, piece);
  }

  #leaveWay(piece: number): void {
    this.#onTheWay[piece] = Math.max(0, (this.#onTheWay[piece] ?? 0) - 1);
    this.#firstInside = Math.min(this.#firstInside, piece);
  }
}
