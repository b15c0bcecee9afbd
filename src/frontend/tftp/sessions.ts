import { type Asked, isSameRequest, type Session } from './session.ts';

export type SessionLimits = {
  readonly maximumTransfers: number;
  readonly maximumTransfersPerClient: number;
};

/** How late a timer may be. */
const tickMs = 10;
/** How long after its answer was acknowledged a request may come that was sent again before. */
const echoMs = 500;

/** All transfers under way, and whether there is room for one more. */
export class Sessions {
  readonly #limits: SessionLimits;
  readonly #nowMs: () => number;
  readonly #all = new Set<Session>();
  /** The last request of each client's port. */
  readonly #latest = new Map<string, Session>();
  readonly #perClient = new Map<string, number>();
  #ticker: NodeJS.Timeout | undefined;

  constructor(limits: SessionLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#all.size;
  }

  /**
   * Why a request is passed over, if it is. `repeated`: the same one came from the same port, and
   * its answer was not acknowledged yet, or just now; that answer is sent again by its own timer.
   * Later the request counts as a new one: some loaders use one port for all.
   */
  refuse(asked: Asked): 'repeated' | 'busy' | undefined {
    const before = this.#latest.get(portOf(asked));
    if (before !== undefined && this.#isEcho(asked, before)) return 'repeated';
    const { maximumTransfers, maximumTransfersPerClient } = this.#limits;
    const ofClient = this.#perClient.get(asked.clientName) ?? 0;
    const isFull = this.#all.size >= maximumTransfers || ofClient >= maximumTransfersPerClient;
    return isFull ? 'busy' : undefined;
  }

  add(session: Session): void {
    const { clientName } = session.asked;
    this.#all.add(session);
    this.#latest.set(portOf(session.asked), session);
    this.#perClient.set(clientName, (this.#perClient.get(clientName) ?? 0) + 1);
    // One for all: a timer for each block of each transfer would cost more than the block.
    this.#ticker ??= setInterval(() => this.#tickAfterReading(), tickMs);
  }

  remove(session: Session): void {
    if (!this.#all.delete(session)) return;
    const { clientName } = session.asked;
    const port = portOf(session.asked);
    if (this.#latest.get(port) === session) this.#latest.delete(port);
    const left = (this.#perClient.get(clientName) ?? 1) - 1;
    if (left > 0) this.#perClient.set(clientName, left);
    else this.#perClient.delete(clientName);
    if (this.#all.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#all].map((session) => session.stop()));
  }

  #isEcho({ request }: Asked, before: Session): boolean {
    const { answeredAtMs = this.#nowMs() } = before;
    return this.#nowMs() - answeredAtMs < echoMs && isSameRequest(before.asked.request, request);
  }

  /** Where the loop was held, the answers that were waited for until now may have come meanwhile. */
  #tickAfterReading(): void {
    const nowMs = this.#nowMs();
    setImmediate(() => this.#tick(nowMs));
  }

  #tick(nowMs: number): void {
    for (const session of this.#all) session.tick(nowMs);
  }
}

function portOf({ client }: Asked): string {
  return `${client.address} ${client.port}`;
}
