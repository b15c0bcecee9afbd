import type { Peer } from './peer.ts';

const rareDelayMs = 20;
const commonDelayMs = 150;

/**
 * Tells peers of new pieces, many at a time. A piece that hardly anybody has is told soon, for
 * others wait for it; one that is common can wait. Nobody is told of what he has himself, but the
 * frontend: it takes the news as the receipt for what it gave.
 */
export class HaveBatches {
  readonly #peers: () => Iterable<Peer>;
  readonly #rare = createBatch(rareDelayMs, (pieces) => this.#send(pieces));
  readonly #common = createBatch(commonDelayMs, (pieces) => this.#send(pieces));

  constructor(peers: () => Iterable<Peer>) {
    this.#peers = peers;
  }

  add(piece: number, rare: boolean): void {
    (rare ? this.#rare : this.#common).add(piece);
  }

  close(): void {
    this.#rare.close();
    this.#common.close();
  }

  #send(pieces: readonly number[]): void {
    for (const peer of this.#peers()) {
      const news = peer.frontend ? pieces : pieces.filter((piece) => !peer.pieces.has(piece));
      if (news.length > 0) peer.sendHaves(news);
    }
  }
}

type Batch = { readonly add: (piece: number) => void; readonly close: () => void };

function createBatch(delayMs: number, send: (pieces: readonly number[]) => void): Batch {
  let pending: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    timer = undefined;
    const pieces = pending;
    pending = [];
    send(pieces);
  };
  return {
    add: (piece) => {
      pending.push(piece);
      timer ??= setTimeout(flush, delayMs);
    },
    close: () => clearTimeout(timer),
  };
}
