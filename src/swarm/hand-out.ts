import { Bitfield } from '../protocol/bitfield.ts';
import type { WantedRange } from '../protocol/peer-wire/extensions.ts';
import { DepartedPieces } from './departed-pieces.ts';
import type { Entry } from './hand-out-entry.ts';
import { createEntry, hasAwaited, noteNews, noteStale, withinReason } from './hand-out-entry.ts';
import { dryMs, type Showing, showInTurn } from './hand-out-turns.ts';
import { HandOutWindow } from './hand-out-window.ts';
import { Scarcest } from './scarcest.ts';

/**
 * Super-seeding in install order: which piece a seeder shows to which peer next. What it weighs:
 *
 * 1. Each piece leaves once: what a peer has, or is on its way to one, that one passes on.
 * 2. The order is the peers' own: what they say they want, most urgent first; peers that cannot
 *    say so are taken to want everything from the front.
 * 3. Who has been shown least of late comes first, so that each passes on an equal share.
 * 4. Little is on the way at once (a third of a second's worth), so that pieces leave one after
 *    the other instead of all at the end, and a piece given to a dead peer is soon given again.
 * 5. What an installer has waited for too long is shown out of turn, up to a quarter of the above.
 * 6. When all that a peer wants has left, it is shown of what it needs next what few have and nobody gets.
 * 7. Where there are several racks, 5 and 6 are for what nobody in the peer's own rack has, has
 *    been shown, or has said that he fetches elsewhere; and 6 is for all of that, at once.
 * 8. Who lets what he is shown go stale gets one piece at a time, more and more seldom.
 */
const staleMs = 2000;
const overdueAtOnce = 2;
const givenDecay = 0.95;

export class HandOut<Peer extends { readonly pieces: Bitfield }> {
  readonly #pieceCount: number;
  readonly #window: HandOutWindow;
  readonly #entries = new Map<Peer, Entry>();
  /** Those to whom something is on its way. */
  readonly #served = new Set<Entry>();
  /** Those whose installer has waited for too long, the first of them first. */
  readonly #late = new Map<Peer, Entry>();
  readonly #departed: DepartedPieces;
  #entered = 0;

  constructor(pieceCount: number, pieceLengthBytes: number) {
    this.#pieceCount = pieceCount;
    this.#window = new HandOutWindow(pieceLengthBytes);
    this.#departed = new DepartedPieces(pieceCount);
  }

  /** It wants nothing until it is known what. */
  add(peer: Peer): void {
    this.#entries.set(peer, createEntry(this.#entered));
    this.#entered += 1;
  }

  /** Its pieces count no longer as having left. */
  remove(peer: Peer): void {
    const entry = this.#entries.get(peer);
    if (entry === undefined) return;
    this.#entries.delete(peer);
    this.#late.delete(peer);
    this.#served.delete(entry);
    this.#countAll(peer, entry, -1);
    this.#departed.racks.leave(entry.rack);
  }

  /** Where it is; undefined: not known. */
  setRack(peer: Peer, rack: number | undefined): void {
    const entry = this.#entries.get(peer);
    if (entry === undefined || entry.rack === rack) return;
    this.#countAll(peer, entry, -1);
    this.#departed.racks.leave(entry.rack);
    entry.rack = this.#departed.racks.enter(rack);
    this.#countAll(peer, entry, 1);
  }

  /** It fetches these from another rack, for its own. */
  claimed(peer: Peer, pieces: readonly number[], nowMs: number): void {
    this.#departed.racks.claim(this.#entries.get(peer)?.rack, pieces, nowMs);
  }

  /** Undefined: everything. */
  setWants(peer: Peer, wants: readonly WantedRange[] | undefined): void {
    const entry = this.#entries.get(peer);
    if (entry === undefined) return;
    entry.wants = wants === undefined ? undefined : withinReason(wants, this.#pieceCount);
    if (entry.wants?.[0]?.overdue === true) this.#late.set(peer, entry);
    else if (this.#late.delete(peer)) entry.awaited = undefined;
  }

  /** The peer has these pieces now, from whomever. */
  received(peer: Peer, pieces: readonly number[], nowMs: number): void {
    const entry = this.#entries.get(peer);
    for (const piece of noteNews(entry, pieces)) this.#departed.noteSpread(piece, nowMs);
    for (const piece of pieces) {
      this.#departed.held(entry?.rack, piece, 1);
      this.confirm(peer, piece, nowMs);
    }
  }

  lost(peer: Peer, piece: number): void {
    const entry = this.#entries.get(peer);
    if (entry !== undefined) {
      entry.lost ??= new Bitfield(this.#pieceCount);
      entry.lost.add(piece);
    }
    this.#departed.held(entry?.rack, piece, -1);
  }

  /** What was shown has been fetched, as far as can be known. */
  confirm(peer: Peer, piece: number, nowMs: number): void {
    const entry = this.#entries.get(peer);
    const shownAtMs = entry?.onTheWay.get(piece);
    if (entry === undefined || shownAtMs === undefined) return;
    entry.stalls = 0;
    this.#noteOver(entry, piece);
    this.#window.confirm(nowMs - shownAtMs);
  }

  /** Nothing more is shown of a piece that cannot be read. */
  withhold(piece: number): void {
    this.#departed.withhold(piece);
  }

  isShown(peer: Peer, piece: number): boolean {
    return this.#entries.get(peer)?.shown.has(piece) === true;
  }

  /** True when some peer has every piece that can be had here. */
  get allOut(): boolean {
    return this.#departed.firstInside >= this.#pieceCount;
  }

  /** What to show now. The caller tells the peers; until confirmed it counts as on the way. */
  next(nowMs: number): Showing<Peer>[] {
    this.#fade(nowMs);
    this.#departed.racks.expireClaims(nowMs);
    return [...this.#showOverdue(nowMs), ...this.#showNew(nowMs)];
  }

  #showNew(nowMs: number): Showing<Peer>[] {
    const window = this.#window.pieces;
    const perPeer = Math.max(2, Math.ceil(window / Math.max(1, this.#entries.size)) + 1);
    const room = window - this.#freshOnTheWay(nowMs);
    const show = (peer: Peer, entry: Entry) => {
      const piece = this.#choose(peer, entry, nowMs);
      if (piece !== undefined) this.#show(entry, piece, nowMs);
      return piece;
    };
    return showInTurn(this.#entries, { room, perPeer, nowMs, show });
  }

  /** Out of turn, but a quarter as much as the window: what nobody has must go on leaving. */
  #showOverdue(nowMs: number): Showing<Peer>[] {
    const showings: Showing<Peer>[] = [];
    let left = Math.ceil(this.#window.pieces / 4);
    for (const entry of this.#served) left -= entry.overdueOnTheWay.size;
    for (const [peer, entry] of this.#late) {
      while (left > 0 && entry.overdueOnTheWay.size < overdueAtOnce) {
        const piece = this.#overduePiece(peer, entry, nowMs);
        if (piece === undefined) break;
        entry.overdueOnTheWay.add(piece);
        this.#show(entry, piece, nowMs);
        showings.push({ peer, piece });
        left -= 1;
      }
    }
    return showings;
  }

  #choose(peer: Peer, entry: Entry, nowMs: number): number | undefined {
    const options = { rack: entry.rack, peers: this.#entries.size, nowMs };
    const scarcest = new Scarcest(this.#departed, options);
    for (const range of entry.wants ?? this.#departed.everythingInside()) {
      for (let piece = range.firstPiece; piece < range.firstPiece + range.count; piece += 1) {
        if (this.#isKnownTo(peer, entry, piece)) continue;
        if (this.#departed.isInside(piece)) return piece;
        if (!scarcest.consider(piece) && this.allOut) break;
      }
    }
    return entry.onTheWay.size === 0 ? scarcest.piece : undefined;
  }

  /** True when nothing is to be gained from showing it. */
  #isKnownTo(peer: Peer, entry: Entry, piece: number): boolean {
    return peer.pieces.has(piece) || entry.shown.has(piece) || this.#departed.isWithheld(piece);
  }

  #overduePiece(peer: Peer, entry: Entry, nowMs: number): number | undefined {
    if (entry.overdueDryUntilMs > nowMs) return undefined;
    let near: number | undefined;
    for (const range of entry.wants ?? []) {
      if (!range.overdue) break;
      for (let piece = range.firstPiece; piece < range.firstPiece + range.count; piece += 1) {
        if (this.#isKnownTo(peer, entry, piece)) continue;
        if (!this.#departed.isNearTo(entry.rack, piece)) return piece;
        near ??= piece;
      }
    }
    if (hasAwaited(entry, near, nowMs)) return near;
    entry.overdueDryUntilMs = nowMs + dryMs;
    return undefined;
  }

  #show(entry: Entry, piece: number, nowMs: number): void {
    entry.onTheWay.set(piece, nowMs);
    entry.shown.add(piece);
    this.#departed.noteSpread(piece, nowMs);
    entry.given += 1;
    this.#served.add(entry);
    this.#departed.sent(entry.rack, piece, 1);
  }

  /** Counts what is on the way; what has been for too long is given up, so that others get it. */
  #freshOnTheWay(nowMs: number): number {
    let fresh = 0;
    for (const entry of this.#served) {
      for (const [piece, shownAtMs] of entry.onTheWay) {
        if (nowMs - shownAtMs < staleMs) {
          if (entry.stalls === 0 && !entry.overdueOnTheWay.has(piece)) fresh += 1;
          continue;
        }
        noteStale(entry, nowMs);
        this.#noteOver(entry, piece);
      }
    }
    return fresh;
  }

  /** It is not on its way any more. */
  #noteOver(entry: Entry, piece: number): void {
    entry.onTheWay.delete(piece);
    entry.overdueOnTheWay.delete(piece);
    if (entry.onTheWay.size === 0) this.#served.delete(entry);
    this.#departed.sent(entry.rack, piece, -1);
  }

  /** What was given counts less as time goes on. */
  #fade(nowMs: number): void {
    if (!this.#window.measure(nowMs)) return;
    for (const entry of this.#entries.values()) entry.given *= givenDecay;
  }

  /** All that a peer has, and that is on its way to it. */
  #countAll(peer: Peer, { rack, onTheWay }: Entry, change: 1 | -1): void {
    for (const piece of onTheWay.keys()) this.#departed.sent(rack, piece, change);
    for (let piece = 0; piece < this.#pieceCount; piece += 1) {
      if (peer.pieces.has(piece)) this.#departed.held(rack, piece, change);
    }
  }
}
