import { isIP } from 'node:net';
import type { Seed, SwarmHost } from '../swarm/types.ts';
import type { Tracker } from '../tracker/types.ts';
import type { FileTorrent } from './file-torrents.ts';
import type { Offer, Offers } from './offers.ts';
import type { Generation } from './trees/types.ts';

export type SeedingDeps = {
  readonly offers: Offers;
  readonly swarm: Pick<SwarmHost, 'seed' | 'port'>;
  readonly tracker: Pick<Tracker, 'addOwnSeed' | 'removeTorrent'>;
};

export type Seeding = {
  readonly offerTree: (generation: Generation) => void;
  readonly offerFile: (torrent: FileTorrent) => void;
  /** Ends the seeds of a generation and of its files. */
  readonly withdraw: (generation: Generation) => Promise<void>;
  /** Bytes that went out to peers since the start. */
  readonly sentBytes: () => number;
};

/** Keeps seeds and tracker in step with what is offered. */
export function createSeeding(
  { offers, swarm, tracker }: SeedingDeps,
  /** With a wildcard or a name, peers are told the address at which they asked the tracker. */
  { host }: { readonly host: string },
): Seeding {
  const seeds = new Map<string, Seed>();
  let sentByClosedBytes = 0;

  const start = ({ metainfo, source }: Offer): void => {
    const { infohash } = metainfo;
    const address = isIP(host) === 0 ? {} : { address: host };
    seeds.set(infohash, swarm.seed({ metainfo, source }));
    tracker.addOwnSeed({ infohash, port: swarm.port, ...address });
  };

  const end = async (infohash: string): Promise<void> => {
    const seed = seeds.get(infohash);
    seeds.delete(infohash);
    tracker.removeTorrent(infohash);
    sentByClosedBytes += seed?.status().counters.sentBytes ?? 0;
    await seed?.close();
  };

  const offer = (each: Offer): void => {
    if (offers.add(each)) start(each);
  };

  return {
    offerTree: (generation) => offer(treeOffer(generation)),
    offerFile: (torrent) => offer(fileOffer(torrent)),
    withdraw: async (generation) => {
      for (const { infohash, next } of offers.remove(ownerOf(generation))) {
        await end(infohash);
        if (next !== undefined) start(next);
      }
    },
    sentBytes: () =>
      seeds
        .values()
        .reduce((sum, seed) => sum + seed.status().counters.sentBytes, sentByClosedBytes),
  };
}

function treeOffer(generation: Generation): Offer {
  return {
    metainfo: generation.metainfo,
    source: generation.pieces,
    name: generation.tree,
    generation: generation.generation,
    owner: ownerOf(generation),
  };
}

function fileOffer({ generation, file, metainfo }: FileTorrent): Offer {
  const { pieces } = generation;
  return {
    metainfo,
    source: { read: (at, length) => pieces.read(file.offsetBytes + at, length) },
    name: `${generation.tree}/${file.file.path}`,
    generation: generation.generation,
    owner: ownerOf(generation),
  };
}

function ownerOf({ tree, generation }: Generation): string {
  return `${tree}@${generation}`;
}
