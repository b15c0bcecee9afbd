import { setTimeout as delay } from 'node:timers/promises';
import { Bitfield } from '../../src/protocol/bitfield.ts';
import { type decodeTorrent, pieceSizeBytes } from '../../src/protocol/metainfo.ts';
import type { BlockRange } from '../../src/protocol/peer-wire/messages.ts';
import { type Answer, askTrackers } from '../../src/swarm/ask-trackers.ts';
import { callPeer } from '../../src/swarm/handshakes.ts';
import { idleOwner } from '../../src/swarm/idle-owner.ts';
import { Peer } from '../../src/swarm/peer.ts';

/** What a crowd fetches together. */
export type Crowd = {
  readonly torrent: ReturnType<typeof decodeTorrent>;
  /** What one of it has fetched, in that order. */
  readonly arrived: number[];
  readonly held: Bitfield;
  messages: number;
};

/** As agents tell a frontend of pieces that it did not give them (src/swarm/have-batches.ts). */
const newsMs = 1000;
/** As they say what they want, among 55 others (src/swarm/late-pieces.ts). */
const wantsMs = 220;
const frontendAddress = '127.0.0.1';
const scratch = Buffer.alloc(128 * 1024);

/** One agent, as a frontend sees it, with an address of its own. */
export class CrowdAgent {
  readonly #crowd: Crowd;
  readonly #address: string;
  readonly #peerId: Buffer;
  readonly #own = { frontend: false, client: 'crowd', listenPort: 6881, requestQueueLength: 500 };
  #peer: Peer | undefined;
  #told = 0;
  #intervalMs = 0;

  constructor(crowd: Crowd, index: number) {
    this.#crowd = crowd;
    this.#address = `127.1.${index >> 8}.${index & 0xff}`;
    this.#peerId = Buffer.from(`-CROWD0-${String(index).padStart(12, '0')}`, 'latin1');
  }

  /** Announces, and calls the frontend. Throws as those do. */
  async join(): Promise<void> {
    const { torrent } = this.#crowd;
    const { infohash } = torrent.metainfo;
    const { peers, intervalMs } = await this.#announce('started');
    this.#intervalMs = intervalMs;
    const frontend = peers.find(({ host }) => host === frontendAddress);
    if (frontend === undefined) throw new Error(`expected ${frontendAddress} among the peers`);
    const caller = { infohash, peerId: this.#peerId, localAddress: this.#address };
    const connection = await callPeer(frontend, caller);
    const peer = new Peer(connection, this.#owner(), this.#own);
    peer.introduce(new Bitfield(torrent.metainfo.pieceCount));
    peer.sendInterested();
    this.#peer = peer;
  }

  /** Until all of the crowd has everything, and this one has said so. */
  async install(): Promise<void> {
    const { held } = this.#crowd;
    const tellWants = async (): Promise<void> => {
      for (; !held.isComplete; await delay(wantsMs)) this.#sendWants();
    };
    const tellNews = async (): Promise<void> => {
      for (; !held.isComplete; await delay(newsMs)) this.#sendNews();
    };
    const isOver = new AbortController();
    const { signal } = isOver;
    const announce = async (): Promise<void> => {
      while (!signal.aborted) {
        await delay(this.#intervalMs, undefined, { signal }).catch(() => {});
        if (!signal.aborted) await this.#announce(undefined);
      }
    };
    // Not all in the same moment.
    await delay(Math.random() * newsMs);
    const announcing = announce();
    await Promise.all([tellWants(), tellNews()]);
    isOver.abort();
    await announcing;
    this.#sendNews();
    await this.#announce('completed');
  }

  #owner() {
    const { torrent, held, arrived } = this.#crowd;
    const { metainfo } = torrent;
    return {
      ...idleOwner,
      metainfo,
      onPieces: (peer: Peer, pieces: readonly number[]) => {
        for (const piece of pieces) {
          const lengthBytes = pieceSizeBytes(metainfo, piece);
          peer.sendRange('request', { piece, beginByte: 0, lengthBytes });
          this.#crowd.messages += 1;
        }
      },
      blockTarget: (_: Peer, { lengthBytes }: BlockRange) => scratch.subarray(0, lengthBytes),
      onBlock: (peer: Peer, { piece }: BlockRange) => {
        if (held.add(piece)) arrived.push(piece);
        peer.sendHaves([piece]);
        this.#crowd.messages += 1;
      },
      onClosed: (_: Peer, reason: string | undefined) => {
        throw new Error(`expected the frontend to stay, it hung up: ${reason ?? 'no reason'}`);
      },
    };
  }

  #sendWants(): void {
    const { held } = this.#crowd;
    const ranges: { firstPiece: number; count: number; overdue: boolean }[] = [];
    for (let piece = 0; piece < held.length; piece += 1) {
      if (held.has(piece)) continue;
      const last = ranges.at(-1);
      if (last !== undefined && last.firstPiece + last.count === piece) last.count += 1;
      else ranges.push({ firstPiece: piece, count: 1, overdue: false });
    }
    this.#peer?.sendWants(ranges);
    this.#crowd.messages += 1;
  }

  #sendNews(): void {
    const news = this.#crowd.arrived.slice(this.#told);
    this.#told += news.length;
    if (news.length === 0) return;
    this.#peer?.sendHaves(news);
    this.#crowd.messages += 1;
  }

  async #announce(event: string | undefined): Promise<Answer> {
    const { torrent } = this.#crowd;
    const bytes = { uploadedBytes: 0, downloadedBytes: 0, leftBytes: 1, fromFrontendBytes: 0 };
    const place = { peerId: this.#peerId, port: this.#own.listenPort, role: undefined };
    const { trackers } = torrent.sources;
    const { infohash } = torrent.metainfo;
    const asker = { trackers, infohash, localAddress: this.#address, state: () => bytes };
    return askTrackers({ ...asker, ...place }, event);
  }
}
