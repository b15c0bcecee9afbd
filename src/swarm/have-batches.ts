import type { Clock, Timer } from '../runtime/clock.ts';
import type { Peer } from './peer.ts';

const notDueMs = Number.POSITIVE_INFINITY;
const soonMs = 10;
/** Most hear sooner: news goes along with whatever else is said to them. */
const laterMs = { shortest: 100, longest: 800 };
/** As long as the last so many took: on a fast line others would run out of pieces to ask for. */
const laterPieces = 32;
const lostMs = 200;
const remindMs = 400;
/** A frontend that has not given them need not know of pieces sooner: it has many to listen to. */
const frontendMs = 1000;
/** Of those who lack a rare piece so many hear soon, in turn: each message wakes a process. */
const fewestSoon = 2;
const waitingForOneSoon = 12;

/** Who is told. */
export type Told = Pick<Peer, 'frontend' | 'pieces' | 'sendHaves' | 'sendDonthaves'>;

/** How much of the news a peer has been told, and when it is told the rest. */
type Telling = { told: number; dueAtMs: number };

/**
 * Tells peers of new pieces and of lost ones, many at a time. Of a piece that hardly anybody has a
 * few peers hear soon, others each time, for they wait for it; all else can wait, for 100 to 800 ms,
 * and goes along with whatever is said to a peer sooner. Nobody is told of what he has himself, but
 * the frontend: it takes the news as the receipt for what it gave.
 */
export class HaveBatches {
  readonly #peers: () => Iterable<Told>;
  readonly #isHeld: (piece: number) => boolean;
  readonly #clock: Clock;
  /** Pieces in the order in which they came, without the first ones, which all have been told. */
  #news: number[] = [];
  #forgotten = 0;
  /** When the last pieces came. */
  readonly #cameAtMs: number[] = [];
  readonly #tellings = new Map<Told, Telling>();
  readonly #lost = new Set<number>();
  #lostDueAtMs = notDueMs;
  /** What a peer has lost that was not told him while he had it himself. */
  readonly #missed = new Map<Told, Set<number>>();
  #turn = 0;
  #timer: Timer | undefined;
  #dueAtMs = notDueMs;

  constructor(peers: () => Iterable<Told>, isHeld: (piece: number) => boolean, clock: Clock) {
    this.#clock = clock;
    this.#peers = peers;
    this.#isHeld = isHeld;
  }

  add(piece: number, rare: boolean): void {
    const nowMs = this.#clock.nowMs();
    const waitMs = this.#noteCame(nowMs);
    const peers = [...this.#peers()];
    // Who comes later is told by a bitfield.
    if (peers.length === 0) return;
    const lacksIt = (peer: Told) => !peer.frontend && !peer.pieces.has(piece);
    const soon = rare ? this.#turnOf(peers.filter(lacksIt)) : undefined;
    for (const peer of peers) {
      this.#tell(peer, nowMs + delayOf(peer, piece, soon?.has(peer) === true ? soonMs : waitMs));
    }
    this.#news.push(piece);
  }

  /** Who asks for it before this is told gets a refusal. */
  lose(piece: number): void {
    this.#lost.add(piece);
    this.#lostDueAtMs = Math.min(this.#lostDueAtMs, this.#clock.nowMs() + lostMs);
    this.#wakeAt(this.#lostDueAtMs);
  }

  /** The frontend shows what has come meanwhile: it is not to wait for the receipt. */
  hurry(frontend: Told): void {
    this.#tell(frontend, this.#clock.nowMs() + soonMs);
  }

  /** A peer has lost the piece, and may not know that it is here. */
  remind(peer: Told, piece: number): void {
    const missed = this.#missed.get(peer) ?? new Set();
    this.#missed.set(peer, missed.add(piece));
    this.#tell(peer, this.#clock.nowMs() + remindMs);
  }

  /** Something goes to the peer anyway: what it was to be told later is not another message then. */
  sendWith(peer: Told): void {
    const telling = this.#tellings.get(peer);
    if (peer.frontend || telling === undefined || telling.dueAtMs === notDueMs) return;
    this.#sendNews(peer, telling);
  }

  forget(peer: Told): void {
    this.#missed.delete(peer);
    this.#tellings.delete(peer);
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** The same ones until something has been sent: then others. */
  #turnOf(waiting: readonly Told[]): ReadonlySet<Told> {
    const places = Array.from({ length: countSoon(waiting.length) }, (_, at) => this.#turn + at);
    return new Set(places.flatMap((place) => waiting[place % waiting.length] ?? []));
  }

  /** One more has come: how long news may wait now. */
  #noteCame(nowMs: number): number {
    this.#cameAtMs.push(nowMs);
    if (this.#cameAtMs.length > laterPieces) this.#cameAtMs.shift();
    const elapsedMs = nowMs - (this.#cameAtMs[0] ?? nowMs);
    return Math.min(laterMs.longest, Math.max(laterMs.shortest, elapsedMs));
  }

  #tell(peer: Told, dueAtMs: number): void {
    const told = this.#forgotten + this.#news.length;
    const telling = this.#tellings.get(peer) ?? { told, dueAtMs };
    this.#tellings.set(peer, telling);
    telling.dueAtMs = Math.min(telling.dueAtMs, dueAtMs);
    this.#wakeAt(telling.dueAtMs);
  }

  #wakeAt(dueAtMs: number): void {
    if (dueAtMs >= this.#dueAtMs) return;
    this.#timer?.cancel();
    this.#dueAtMs = dueAtMs;
    this.#timer = this.#clock.after(dueAtMs - this.#clock.nowMs(), () => this.#send());
  }

  #send(): void {
    const nowMs = this.#clock.nowMs();
    // A beat may be a little early for what was to be done at it.
    const lateMs = Math.max(nowMs, this.#dueAtMs);
    this.#timer = undefined;
    this.#dueAtMs = notDueMs;
    this.#turn += countSoon(this.#tellings.size);
    this.#sendLost(lateMs);
    for (const [peer, telling] of this.#tellings) {
      if (telling.dueAtMs <= lateMs) this.#sendNews(peer, telling);
      this.#wakeAt(telling.dueAtMs);
    }
    this.#wakeAt(this.#lostDueAtMs);
    this.#trim();
  }

  #sendNews(peer: Told, telling: Telling): void {
    const pieces = this.#news.slice(telling.told - this.#forgotten);
    telling.told = this.#forgotten + this.#news.length;
    telling.dueAtMs = notDueMs;
    const missed = this.#missed.get(peer) ?? [];
    this.#missed.delete(peer);
    const isNews = (piece: number) => this.#isHeld(piece) && !peer.pieces.has(piece);
    const news = peer.frontend ? pieces : [...new Set([...pieces, ...missed])].filter(isNews);
    if (news.length > 0) peer.sendHaves(news);
  }

  #sendLost(lateMs: number): void {
    if (this.#lostDueAtMs > lateMs) return;
    // What has come again meanwhile is not lost. News goes first: some of it may be lost by now.
    const lost = [...this.#lost].filter((piece) => !this.#isHeld(piece));
    this.#lost.clear();
    this.#lostDueAtMs = notDueMs;
    if (lost.length === 0) return;
    for (const [peer, telling] of this.#tellings) this.#sendNews(peer, telling);
    for (const peer of this.#peers()) peer.sendDonthaves(lost);
  }

  #trim(): void {
    let told = this.#forgotten + this.#news.length;
    for (const telling of this.#tellings.values()) told = Math.min(told, telling.told);
    this.#news.splice(0, told - this.#forgotten);
    this.#forgotten = told;
  }
}

function countSoon(waitingCount: number): number {
  return Math.max(fewestSoon, Math.ceil(waitingCount / waitingForOneSoon));
}

function delayOf(peer: Told, piece: number, agentMs: number): number {
  if (!peer.frontend) return agentMs;
  return peer.pieces.has(piece) ? soonMs : frontendMs;
}
