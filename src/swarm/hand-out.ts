import type { Bitfield } from '../protocol/bitfield.ts';
import type { WantedRange } from '../protocol/peer-wire/extensions.ts';
import { comesBefore, createEntry, type Entry, withinReason } from './hand-out-entry.ts';
import { HandOutWindow } from './hand-out-window.ts';

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
 * 5. What an installer has waited for too long is shown out of turn, up to a quarter of the above.
 * 6. When all that a peer wants has left, it is shown what fewer than half of its fellows have.
 */
export type Showing<Peer> = { readonly peer: Peer; readonly piece: number };

const staleMs = 2000;
const dryMs = 20;
const overdueAtOnce = 2;
const givenDecay = 0.95;

export class HandOut<Peer extends { readonly pieces: Bitfield }> {
  readonly #pieceCount: number;
  readonly #window: HandOutWindow;
  readonly #entries = new Map<Peer, Entry>();
  readonly #copies: Uint16Array;
  readonly #onTheWay: Uint16Array;
  readonly #withheld = new Set<number>();
  #firstInside = 0;

  constructor(pieceCount: number, pieceLengthBytes: number) {
    this.#pieceCount = pieceCount;
    this.#window = new HandOutWindow(pieceLengthBytes);
    this.#copies = new Uint16Array(pieceCount);
    this.#onTheWay = new Uint16Array(pieceCount);
  }

  /** It wants nothing until it is known what. */
  add(peer: Peer): void {
    this.#entries.set(peer, createEntry());
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
    entry.wants = wants === undefined ? undefined : withinReason(wants, this.#pieceCount);
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
    const entry = this.#entries.get(peer);
    if (entry?.onTheWay.delete(piece) !== true) return;
    entry.overdueOnTheWay.delete(piece);
    entry.stalled = false;
    this.#leaveWay(piece);
    this.#window.confirm();
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
    this.#fade(nowMs);
    const showings = this.#showOverdue(nowMs);
    const window = this.#window.pieces;
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

  /**
   * Out of turn and beside the window, but only a quarter as much: impatience must not keep what
   * nobody has from leaving.
   */
  #showOverdue(nowMs: number): Showing<Peer>[] {
    const showings: Showing<Peer>[] = [];
    let left = Math.ceil(this.#window.pieces / 4);
    for (const entry of this.#entries.values()) left -= entry.overdueOnTheWay.size;
    for (const [peer, entry] of this.#entries) {
      while (left > 0 && entry.overdueOnTheWay.size < overdueAtOnce) {
        const piece = this.#overduePiece(peer, entry);
        if (piece === undefined) break;
        entry.overdueOnTheWay.add(piece);
        this.#show(entry, piece, nowMs);
        showings.push({ peer, piece });
        left -= 1;
      }
    }
    return showings;
  }

  /** Of the peers that may be shown something, the one that was shown least of late. */
  #leastGiven(perPeer: number, nowMs: number): [Peer, Entry] | undefined {
    let least: [Peer, Entry] | undefined;
    for (const each of this.#entries) {
      const [, entry] = each;
      const most = entry.stalled ? 1 : perPeer;
      if (entry.onTheWay.size >= most || entry.dryUntilMs > nowMs) continue;
      if (least === undefined || comesBefore(entry, least[1])) least = each;
    }
    return least;
  }

  #choose(peer: Peer, entry: Entry, peerCount: number): number | undefined {
    const wants = entry.wants ?? this.#everythingInside();
    let scarce: number | undefined;
    let scarceCopies = Math.ceil(peerCount / 2);
    for (const range of wants) {
      for (let piece = range.firstPiece; piece < range.firstPiece + range.count; piece += 1) {
        if (this.#isKnownTo(peer, entry, piece)) continue;
        if (this.#isInside(piece)) return piece;
        const copies = this.#copiesOf(piece);
        if (copies < scarceCopies && this.#onTheWay[piece] === 0) {
          scarce = piece;
          scarceCopies = copies;
        }
      }
    }
    return entry.onTheWay.size === 0 ? scarce : undefined;
  }

  #everythingInside(): WantedRange[] {
    const firstPiece = this.#firstInside;
    return [{ firstPiece, count: this.#pieceCount - firstPiece, overdue: false }];
  }

  /** True when nothing is to be gained from showing it. */
  #isKnownTo(peer: Peer, entry: Entry, piece: number): boolean {
    return peer.pieces.has(piece) || entry.shown.has(piece) || this.#withheld.has(piece);
  }

  #overduePiece(peer: Peer, entry: Entry): number | undefined {
    for (const range of entry.wants ?? []) {
      if (!range.overdue) return undefined;
      for (let piece = range.firstPiece; piece < range.firstPiece + range.count; piece += 1) {
        if (!this.#isKnownTo(peer, entry, piece)) return piece;
      }
    }
    return undefined;
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
          if (!entry.stalled && !entry.overdueOnTheWay.has(piece)) fresh += 1;
          continue;
        }
        entry.stalled = true;
        entry.onTheWay.delete(piece);
        entry.overdueOnTheWay.delete(piece);
        this.#leaveWay(piece);
      }
    }
    return fresh;
  }

  /** What was given counts less as time goes on. */
  #fade(nowMs: number): void {
    if (!this.#window.measure(nowMs)) return;
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
