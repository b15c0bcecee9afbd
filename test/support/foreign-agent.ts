import { setTimeout as delay } from 'node:timers/promises';
import { installUrlPath } from '../../src/protocol/install-path.ts';
import { fetchFrom, type Ground } from './foreign-ground.ts';
import { hashBytes, type TreeContent } from './foreign-tree.ts';

/** What `/agent/status` says of the one tree there is. */
export type AgentTree = {
  readonly pieceCount: number;
  readonly piecesHeld: number;
  readonly peers: readonly { readonly frontend: boolean; readonly pieces: number }[];
  readonly counters: {
    readonly receivedFromFrontendBytes: number;
    readonly receivedFromPeersBytes: number;
    readonly receivedByHttpBytes: number;
    readonly sentBytes: number;
    readonly badPieces: number;
  };
};

const patienceMs = 60_000;

/** An agent as its node's installer sees it. */
export class ForeignAgent {
  readonly #ground: Ground;
  readonly #proxy: string;
  readonly #tree: string;
  readonly #paths: readonly string[];

  constructor(
    ground: Ground,
    facts: { readonly proxy: string; readonly tree: string; readonly paths: readonly string[] },
  ) {
    this.#ground = ground;
    this.#proxy = facts.proxy;
    this.#tree = facts.tree;
    this.#paths = facts.paths;
  }

  /** Fetches the whole tree through the proxy. */
  async install(): Promise<TreeContent> {
    const urls = this.#paths.map((path) => `${this.#proxy}${installUrlPath(this.#tree, path)}`);
    const bodies = await fetchFrom(this.#ground, urls);
    return Object.fromEntries(bodies.map((body, at) => [this.#paths[at], hashBytes(body)]));
  }

  async status(): Promise<AgentTree> {
    const [body] = await fetchFrom(this.#ground, [`${this.#proxy}/agent/status`]);
    return JSON.parse(String(body)).trees[0];
  }

  /** Resolves when the status is as expected; throws when it is not for a minute. */
  async waitUntil(isExpected: (tree: AgentTree) => boolean): Promise<AgentTree> {
    const endMs = performance.now() + patienceMs;
    for (;;) {
      const tree = await this.status();
      if (isExpected(tree)) return tree;
      if (performance.now() > endMs) {
        throw new Error(`expected another status, got ${JSON.stringify(tree)}`);
      }
      await delay(250);
    }
  }
}
