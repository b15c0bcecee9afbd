import type { LoadPeer } from './machines.ts';

export type AskedEvent = 'started' | 'none';

/** One way to ask a tracker. */
export type Asker = {
  /** Calls back once: with true for an answer with peers, false when there was none. */
  readonly ask: (peer: LoadPeer, event: AskedEvent, done: (isAnswered: boolean) => void) => void;
  readonly close: () => void;
};

export type Asked = {
  readonly answered: number;
  readonly lost: number;
  readonly seconds: number;
  readonly latenciesMs: readonly number[];
};

const underWayAtMost = 64;

/** Every peer once, with 64 under way. */
export function askEach(asker: Asker, peers: readonly LoadPeer[]): Promise<Asked> {
  let next = 0;
  return keepAsking(asker, 'started', () => peers[next++]);
}

/** Random peers, as fast as answers come. */
export function askMost(asker: Asker, peers: readonly LoadPeer[], seconds: number): Promise<Asked> {
  const endMs = performance.now() + seconds * 1000;
  const pick = () => peers[Math.floor(Math.random() * peers.length)];
  return keepAsking(asker, 'none', () => (performance.now() < endMs ? pick() : undefined));
}

function keepAsking(
  asker: Asker,
  event: AskedEvent,
  next: () => LoadPeer | undefined,
): Promise<Asked> {
  const tally = new Tally();
  return new Promise((resolve) => {
    let running = 0;
    const start = () => {
      const peer = next();
      if (peer === undefined) {
        if (running === 0) resolve(tally.asked());
        return;
      }
      running += 1;
      const sentMs = performance.now();
      asker.ask(peer, event, (isAnswered) => {
        tally.note(isAnswered, sentMs);
        running -= 1;
        start();
      });
    };
    for (let count = 0; count < underWayAtMost; count += 1) start();
  });
}

/** Each peer every 30 s, whether answers come or not. */
export async function askPaced(
  asker: Asker,
  peers: readonly LoadPeer[],
  { seconds, intervalSeconds }: { readonly seconds: number; readonly intervalSeconds: number },
): Promise<Asked> {
  const tally = new Tally();
  const perMs = peers.length / intervalSeconds / 1000;
  const startMs = performance.now();
  let sent = 0;
  let underWay = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const elapsedMs = performance.now() - startMs;
      const isOver = elapsedMs >= seconds * 1000;
      // Whoever could not ask in time because this program was kept waiting has lost its turn.
      const due = isOver ? sent : Math.floor(elapsedMs * perMs);
      for (; sent < due; sent += 1) {
        const peer = peers[sent % peers.length];
        if (peer === undefined) continue;
        underWay += 1;
        const sentMs = performance.now();
        asker.ask(peer, 'none', (isAnswered) => {
          underWay -= 1;
          tally.note(isAnswered, sentMs);
        });
      }
      if (!isOver || underWay > 0) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  return tally.asked();
}

class Tally {
  readonly #startMs = performance.now();
  readonly #latenciesMs: number[] = [];
  #lost = 0;

  note(isAnswered: boolean, sentMs: number): void {
    if (isAnswered) this.#latenciesMs.push(performance.now() - sentMs);
    else this.#lost += 1;
  }

  asked(): Asked {
    const seconds = (performance.now() - this.#startMs) / 1000;
    const latenciesMs = this.#latenciesMs;
    return { answered: latenciesMs.length, lost: this.#lost, seconds, latenciesMs };
  }
}
