import { beatMs } from '../../runtime/beat.ts';
import { fullReadBytes } from '../../swarm/read-pace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What has come in on a connection and has not been read. */
export type Inbox = {
  /** Hands over what is there; says how much it was. */
  readonly read: () => number;
  restsUntilMs: number;
  isInLine: boolean;
};

/**
 * When a process reads what has come in: as in the swarm's read-pace.ts, a connection that had
 * little is left alone until the next beat, when all that rest are read together. The first read
 * sets the beat: each process has its own. That a rest is shorter on a fast line is not modelled:
 * here what comes is acknowledged at once, read or not.
 */
export class Reading {
  readonly #time: VirtualTime;
  readonly #line: Inbox[] = [];
  #firstAtMs: number | undefined;
  #restEndsAtMs = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Something has come in. `inPackets`: over so long that a part of it was read before. */
  arrived(inbox: Inbox, inPackets: boolean): void {
    if (inbox.isInLine) return;
    const nowMs = this.#time.nowMs();
    const isResting = inPackets ? this.#restEndsAtMs > nowMs : inbox.restsUntilMs > nowMs;
    if (!isResting) return this.#read(inbox);
    inbox.isInLine = true;
    this.#line.push(inbox);
    if (this.#line.length === 1) this.#time.at(this.#restEndsAtMs, () => this.#readLine());
  }

  #readLine(): void {
    const line = this.#line.splice(0);
    for (const inbox of line) {
      inbox.isInLine = false;
      this.#read(inbox);
    }
  }

  #read(inbox: Inbox): void {
    if (inbox.read() >= fullReadBytes) return;
    const nowMs = this.#time.nowMs();
    this.#firstAtMs ??= nowMs;
    const beats = Math.floor((nowMs - this.#firstAtMs) / beatMs);
    this.#restEndsAtMs = this.#firstAtMs + (beats + 1) * beatMs;
    inbox.restsUntilMs = this.#restEndsAtMs;
  }
}
