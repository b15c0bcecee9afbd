const mostNews = 512;

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

  constructor(nowMs: number) {
    this.lastBytesAtMs = nowMs;
  }

  /** It has given something since it last went silent under requests. */
  get isCredible(): boolean {
    return !this.#isSilent;
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

  /** It is asked for one piece at a time until it gives something. */
  wentSilent(): void {
    this.#isSilent = true;
    this.bytesPerMs = 0;
  }

  measure(receivedBytes: number, elapsedMs: number): void {
    const rate = (receivedBytes - this.#countedBytes) / elapsedMs;
    this.#countedBytes = receivedBytes;
    this.bytesPerMs = this.bytesPerMs * 0.7 + rate * 0.3;
  }
}
