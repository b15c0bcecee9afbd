import { Slots } from '../../frontend/http/slots.ts';
import type { Metainfo } from '../../protocol/metainfo.ts';
import { silentLog } from '../../runtime/log.ts';
import { Seeder } from '../../swarm/seeder.ts';
import type { RangeFallback } from '../../swarm/types.ts';
import { sum } from '../sum.ts';
import { sendStream } from './download-stream.ts';
import type { Machine } from './machine.ts';
import { type Network, swarmPort } from './network.ts';
import type { PieceMemory } from './piece-memory.ts';
import { Reading } from './reading.ts';

/** The frontend of a modelled rack: its seeder, its documents, its fallback ranges. */
export type ModelFrontend = {
  readonly machine: Machine;
  readonly fallbackFor: (node: Machine) => RangeFallback;
  /** What an agent reads before it can join: the manifest and the torrent. */
  readonly sendDocuments: (node: Machine, done: () => void) => void;
  readonly counts: { fallbackBytes: number; fallbackRanges: number; documentBytes: number };
  readonly fallbacksRefused: () => number;
  /** As pieces. */
  readonly sentBytes: () => number;
  readonly peerCount: () => number;
  /** It is killed, and started again after so long. */
  readonly goAway: (forMs: number) => void;
};

/** As in the frontend's configuration, unless it says otherwise. */
const fallbackPlaces = 8;
const documentRoundTrips = 3;
const documentRetryMs = 1000;

export function createModelFrontend(
  {
    network,
    machine,
    memory,
  }: {
    readonly network: Network;
    readonly machine: Machine;
    readonly memory: PieceMemory;
  },
  tree: { readonly metainfo: Metainfo; readonly documentBytes: number; readonly peerId: Buffer },
): ModelFrontend {
  const { time } = network;
  const { metainfo, documentBytes, peerId } = tree;
  const counts = { fallbackBytes: 0, fallbackRanges: 0, documentBytes: 0 };
  const slots = new Slots(fallbackPlaces);

  const start = (): Seeder => {
    const seeder = new Seeder({
      metainfo,
      source: {
        read: (_offsetBytes, lengthBytes) => {
          time.unsettle();
          return Promise.resolve(memory.bytes(lengthBytes));
        },
      },
      limiter: { take: () => 0 },
      own: { frontend: true, client: 'model', listenPort: swarmPort, requestQueueLength: 500 },
      log: silentLog,
      clock: time,
    });
    network.listen({
      place: { machine, reading: new Reading(time), lies: false },
      peerId,
      accept: (connection) => seeder.accept(connection) !== undefined,
    });
    return seeder;
  };

  const lives = [start()];
  let isAway = false;
  const sentBytesOf = (seeder: Seeder) => seeder.status().counters.sentBytes;

  const goAway = (forMs: number): void => {
    isAway = true;
    network.hangUp(machine.ip);
    lives.at(-1)?.close();
    time.after(forMs, () => {
      isAway = false;
      lives.push(start());
    });
  };

  const sendDocuments = (node: Machine, done: () => void): void => {
    if (isAway) {
      time.after(documentRetryMs, () => sendDocuments(node, done));
      return;
    }
    counts.documentBytes += documentBytes;
    time.after(documentRoundTrips * 2 * machine.latencyMs, () =>
      sendStream({ from: machine, to: node }, documentBytes, done),
    );
  };

  const sendRange = (node: Machine, lengthBytes: number, answer: (bytes?: Buffer) => void) => {
    const giveBack = slots.take();
    if (giveBack === undefined) {
      time.after(machine.latencyMs, () => answer(undefined));
      return;
    }
    counts.fallbackRanges += 1;
    counts.fallbackBytes += lengthBytes;
    sendStream({ from: machine, to: node }, lengthBytes, () => {
      giveBack();
      answer(memory.bytes(lengthBytes));
    });
  };

  return {
    machine,
    fallbackFor: (node) => ({
      fetch: (_offsetBytes, lengthBytes) =>
        new Promise((resolve, reject) => {
          const answer = (bytes?: Buffer) => {
            time.unsettle();
            resolve(bytes);
          };
          time.after(machine.latencyMs, () => {
            if (!isAway) return sendRange(node, lengthBytes, answer);
            time.unsettle();
            reject(new Error('the frontend is away'));
          });
        }),
    }),
    sendDocuments,
    counts,
    fallbacksRefused: () => slots.refused,
    sentBytes: () => sum(lives.map(sentBytesOf)),
    peerCount: () => lives.at(-1)?.status().peers.length ?? 0,
    goAway,
  };
}
