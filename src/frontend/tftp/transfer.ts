import { RoundTrip } from './round-trip.ts';

/** What is to be done next. Block 0 is the OACK; blocks count on past 65,535 here. */
export type TransferAction =
  | { readonly kind: 'send'; readonly firstBlock: number; readonly lastBlock: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'end'; readonly outcome: 'complete' | 'lost' };

export type TransferPlan = {
  readonly sizeBytes: number;
  readonly blockBytes: number;
  readonly windowBlocks: number;
  /** What the client waits at most; undefined: it did not say. */
  readonly timeoutSeconds: number | undefined;
  /** Whether an OACK opens the transfer (RFC 2347). */
  readonly hasOack: boolean;
  /** A client that has acknowledged nothing new for so long is lost. */
  readonly silenceLimitMs: number;
};

/** Nothing is known of an address that has not answered yet; it may have been forged. */
const maximumFirstAnswers = 5;

const wait: TransferAction = { kind: 'wait' };

/**
 * One file on its way to one client (RFC 1350, 7440), without socket, clock or file: events go in,
 * what to do comes out. Whoever sends says so by `sent`, or `stalled` where bytes are missing.
 *
 * Acknowledgements that say nothing new are answered with nothing, so that a doubled packet stays
 * one (the Sorcerer's Apprentice, RFC 1123 4.2.3.1); what is lost is sent again when the client
 * acknowledges less than all of a window, or by the timer.
 */
export class Transfer {
  readonly #plan: TransferPlan;
  readonly #finalBlock: number;
  readonly #roundTrip: RoundTrip;
  #acked: number;
  #next: number;
  /** The highest block that was ever sent. */
  #highest: number;
  #stalled = false;
  /** How often in a row the timer had to send again. */
  #unanswered = 0;
  #resentBlocks = 0;
  #deadlineMs: number;
  #progressAtMs: number;
  #rewoundAtMs = Number.NEGATIVE_INFINITY;
  #answeredAtMs: number | undefined;
  /** The block whose acknowledgement tells the round trip. */
  #timedBlock = -1;
  #timedAtMs = 0;

  constructor(plan: TransferPlan, nowMs: number) {
    this.#plan = plan;
    // A file that fills its blocks exactly is ended by an empty one.
    this.#finalBlock = Math.floor(plan.sizeBytes / plan.blockBytes) + 1;
    this.#roundTrip = new RoundTrip(
      plan.timeoutSeconds === undefined ? undefined : plan.timeoutSeconds * 1000,
    );
    this.#acked = plan.hasOack ? -1 : 0;
    this.#next = this.#acked + 1;
    this.#highest = this.#acked;
    this.#progressAtMs = nowMs;
    this.#deadlineMs = nowMs + this.#roundTrip.timeoutMs;
  }

  /** When the timer has something to do. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  /** Whether the client has answered at all. */
  get isAnswered(): boolean {
    return this.#acked > (this.#plan.hasOack ? -1 : 0);
  }

  /** When the client answered first; undefined: it has not. */
  get answeredAtMs(): number | undefined {
    return this.#answeredAtMs;
  }

  /** Whether only acknowledgements are missing. */
  get isAllSent(): boolean {
    return this.#highest === this.#finalBlock;
  }

  /** Whether it is the bytes that are waited for, not the client. */
  get isStalled(): boolean {
    return this.#stalled;
  }

  get resentBlocks(): number {
    return this.#resentBlocks;
  }

  begin(): TransferAction {
    return this.#sendOrWait();
  }

  /** Blocks up to this one have left. */
  sent(block: number, nowMs: number): void {
    this.#resentBlocks += Math.max(0, Math.min(block, this.#highest) - this.#next + 1);
    if (block > this.#highest) {
      this.#highest = block;
      this.#timedBlock = block;
      this.#timedAtMs = nowMs;
    }
    this.#next = block + 1;
    this.#deadlineMs = nowMs + this.#roundTrip.timeoutMs;
  }

  /** The bytes of the next block are not there yet; `bytesReady` follows. */
  stalled(): void {
    this.#stalled = true;
  }

  bytesReady(nowMs: number): TransferAction {
    this.#stalled = false;
    this.#progressAtMs = nowMs;
    return this.#sendOrWait();
  }

  /** `wireBlock` counts modulo 65,536. */
  ack(wireBlock: number, nowMs: number): TransferAction {
    const news = (wireBlock - this.#acked) & 0xffff;
    if (news === 0 || news > this.#highest - this.#acked) return wait;
    this.#measure(this.#acked + news, nowMs);
    this.#acked += news;
    this.#answeredAtMs ??= nowMs;
    this.#unanswered = 0;
    this.#roundTrip.answered(nowMs - this.#progressAtMs);
    this.#next = Math.max(this.#next, this.#acked + 1);
    this.#progressAtMs = nowMs;
    if (this.#acked >= this.#finalBlock) return { kind: 'end', outcome: 'complete' };
    if (this.#acked + 1 < this.#next) this.#rewindAfterGap(nowMs);
    return this.#sendOrWait();
  }

  timer(nowMs: number): TransferAction {
    if (nowMs < this.#deadlineMs) return wait;
    if (this.#isLost(nowMs)) return { kind: 'end', outcome: 'lost' };
    this.#deadlineMs = nowMs + this.#roundTrip.timeoutMs;
    if (this.#stalled) return wait;
    this.#unanswered += 1;
    this.#roundTrip.backOff();
    this.#rewind(nowMs);
    return this.#sendOrWait();
  }

  #sendOrWait(): TransferAction {
    const lastBlock = Math.min(this.#acked + this.#windowBlocks(), this.#finalBlock);
    if (this.#stalled || this.#next > lastBlock) return wait;
    return { kind: 'send', firstBlock: this.#next, lastBlock };
  }

  #windowBlocks(): number {
    if (this.#acked < 0) return 1;
    const { windowBlocks } = this.#plan;
    // atftp tells once that it has a window already; if that is lost, only a new block helps.
    const isStuck = windowBlocks > 1 && this.#unanswered > 1;
    return isStuck ? windowBlocks + 1 : windowBlocks;
  }

  #measure(block: number, nowMs: number): void {
    if (this.#timedBlock < 0 || block < this.#timedBlock) return;
    this.#roundTrip.measured(nowMs - this.#timedAtMs);
    this.#timedBlock = -1;
  }

  /**
   * The client misses a block of the window. For one round trip after going back it may still be
   * talking of what came before; to go back each time would send everything twice from then on.
   */
  #rewindAfterGap(nowMs: number): void {
    const echoMs = this.#roundTrip.smoothedMs ?? 0;
    if (nowMs - this.#rewoundAtMs > echoMs) this.#rewind(nowMs);
  }

  #rewind(nowMs: number): void {
    this.#next = this.#acked + 1;
    this.#rewoundAtMs = nowMs;
    this.#timedBlock = -1;
  }

  #isLost(nowMs: number): boolean {
    if (nowMs - this.#progressAtMs >= this.#plan.silenceLimitMs) return true;
    return !this.isAnswered && this.#unanswered + 1 >= maximumFirstAnswers;
  }
}
