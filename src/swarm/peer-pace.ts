const longestFresh = 512;
const snubMs = 5000;
const longestSnubDoublings = 5;

/** How one peer has served this node, and what it has had to offer of late. */
export class PeerPace {
  bytesPerMs = 0;
  /** When it last gave something, or was first asked with nothing else on its way. */
  lastBytesAtMs: number;
  /** What it offered of late; undefined once that was too much to keep a list of. */
  fresh: number[] | undefined = [];
  /** The count of changes at which it had nothing that was wanted. */
  dryAt = -1;
  #countedBytes = 0;
  #silences = 0;
  #snubbedUntilMs = 0;

  constructor(nowMs: number) {
    this.lastBytesAtMs = nowMs;
  }

  /** It has given something since it last went silent under requests. */
  get isCredible(): boolean {
    return this.#silences === 0;
  }

  /** It went silent: it is asked for nothing for a while, twice as long each time. */
  isSnubbed(nowMs: number): boolean {
    return this.#snubbedUntilMs > nowMs;
  }

  offer(pieces: readonly number[]): void {
    this.dryAt = -1;
    if (this.fresh === undefined) return;
    if (this.fresh.length + pieces.length > longestFresh) this.fresh = undefined;
    else this.fresh.push(...pieces);
  }

  gave(nowMs: number): void {
    this.lastBytesAtMs = nowMs;
    this.#silences = 0;
    this.#snubbedUntilMs = 0;
  }

  wentSilent(nowMs: number): void {
    this.#snubbedUntilMs = nowMs + snubMs * 2 ** Math.min(this.#silences, longestSnubDoublings);
    this.#silences += 1;
    this.bytesPerMs = 0;
  }

  measure(receivedBytes: number, elapsedMs: number): void {
    const rate = (receivedBytes - this.#countedBytes) / elapsedMs;
    this.#countedBytes = receivedBytes;
    this.bytesPerMs = this.bytesPerMs * 0.7 + rate * 0.3;
  }
}
