const firstPauseMs = 200;
const longestPauseMs = 8000;
const forgetMs = 20_000;

/**
 * What this machine imports for another one of its rack. When a mate has it sooner, it was not
 * needed: a pause follows, twice as long each time, until nothing of that kind has happened for a while.
 */
export class RackHelp {
  #piece: number | undefined;
  #pauseMs = 0;
  #pausedAtMs = Number.NEGATIVE_INFINITY;

  isPaused(nowMs: number): boolean {
    return nowMs < this.#pausedAtMs + this.#pauseMs;
  }

  begin(piece: number): void {
    this.#piece = piece;
  }

  /** It is here. False: it was none of another one's. */
  end(piece: number): boolean {
    if (piece !== this.#piece) return false;
    this.#piece = undefined;
    return true;
  }

  /** A mate has it. */
  noteElsewhere(piece: number, nowMs: number): void {
    if (piece !== this.#piece) return;
    this.#piece = undefined;
    const isFirst = nowMs - this.#pausedAtMs > forgetMs;
    this.#pauseMs = isFirst ? firstPauseMs : Math.min(longestPauseMs, this.#pauseMs * 2);
    this.#pausedAtMs = nowMs;
  }
}
