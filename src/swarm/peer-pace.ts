const mostNews = 512;
/** What is left of what was tried, after each measurement. */
const triedKept = 0.7;

/** How one peer has served this node, and what it has had to offer of late. */
export class PeerPace {
  bytesPerMs = 0;
  /** When it last gave something. */
  gaveAtMs = Number.NEGATIVE_INFINITY;
  /** When it was named for letting us wait, if it has given nothing in time since. */
  namedAtMs = Number.NEGATIVE_INFINITY;
  /** When it last gave something, or was first asked with nothing else on its way. */
  lastBytesAtMs: number;
  /** The count of changes at which it had nothing that was wanted, and what it offered since. */
  #news: number[] = [];
  #dryAt = -1;
  #countedBytes = 0;
  #isSilent = false;
  #tried = 0;

  constructor(nowMs: number) {
    this.lastBytesAtMs = nowMs;
  }

  /** It has given something since it last went silent under requests. */
  get isCredible(): boolean {
    return !this.#isSilent;
  }

  /** So many pieces it may be asked for whatever its rate is known to be. */
  get tried(): number {
    return 1 + Math.floor(this.#tried);
  }

  /** What it offered since it had nothing that was wanted; undefined: much has changed since. */
  newsSince(changes: number): number[] | undefined {
    return this.#dryAt === changes ? this.#news : undefined;
  }

  /** It has nothing that is wanted, until something changes. */
  noteDry(changes: number): void {
    this.#dryAt = changes;
    this.#news = [];
  }

  offer(pieces: readonly number[]): void {
    if (this.#dryAt < 0) return;
    if (this.#news.length + pieces.length > mostNews) this.#dryAt = -1;
    else this.#news.push(...pieces);
  }

  gave(nowMs: number): void {
    this.lastBytesAtMs = nowMs;
    this.gaveAtMs = nowMs;
    this.#isSilent = false;
  }

  /** A piece came so soon that it cannot have waited for others: there is room for one more. */
  cameQuickly(): void {
    this.#tried += 1;
  }

  /** It is asked for one piece at a time until it gives something. */
  wentSilent(): void {
    this.#isSilent = true;
    this.bytesPerMs = 0;
    this.#tried = 0;
  }

  measure(receivedBytes: number, elapsedMs: number): void {
    const rate = (receivedBytes - this.#countedBytes) / elapsedMs;
    this.#countedBytes = receivedBytes;
    this.bytesPerMs = this.bytesPerMs * 0.7 + rate * 0.3;
    this.#tried *= triedKept;
  }
}
