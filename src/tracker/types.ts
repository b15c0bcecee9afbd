import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../runtime/log.ts';

/** A torrent that the tracker may be asked for. */
export type CatalogEntry = {
  /** 40 lower-case hex digits. */
  readonly infohash: string;
  /** The tree's name, or `tree/path` for the torrent of a single file. */
  readonly name: string;
  readonly generation: number | undefined;
  readonly totalSizeBytes: number | undefined;
};

/** What exists; asked at every announce, so that nothing has to be kept in step. */
export type TrackerCatalog = {
  readonly has: (infohash: string) => boolean;
  readonly nameOf: (infohash: string) => string | undefined;
  /** Missing, or undefined: not known. */
  readonly sizeOf?: (infohash: string) => number | undefined;
  readonly list: () => readonly CatalogEntry[];
};

/** Where a machine is and what it is called, as far as the node database knows. */
export type Place = { readonly node: string; readonly rack: number | undefined };

export type TrackerDeps = {
  readonly log: Log;
  readonly catalog: TrackerCatalog;
  /** Undefined for a machine that is not known; nothing is known of any unless given. */
  readonly placeOf?: (address: string) => Place | undefined;
  /** Milliseconds from any fixed instant, never going back; performance.now unless given. */
  readonly nowMs?: () => number;
  /** From 0 up to, not including, 1; Math.random unless given. */
  readonly random?: () => number;
};

export type TrackerConfig = {
  /** HTTP and UDP on the same port (0: any). Undefined: none of its own, only `handle`. */
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  /** Who may announce and read the figures: `10.1.0.0/16`, `fd00::/8`, `10.1.1.7`. */
  readonly networks: readonly string[];
  /** How often peers are asked to announce; 30 unless given. */
  readonly intervalSeconds?: number;
};

/** A seed of this very program: always there, never announced. */
export type OwnSeed = {
  readonly infohash: string;
  readonly port: number;
  /** Undefined or a wildcard: each asking peer is told the address at which it asked. */
  readonly address?: string;
};

export type Tracker = {
  /** Binds what `listen` names. Throws TrackerError `cannot-listen`. */
  readonly start: () => Promise<void>;
  readonly close: () => Promise<void>;
  /** The port that it listens on, once started. */
  readonly port: () => number | undefined;
  /** Answers `/announce` and `/scrape`; false, and nothing touched, for any other path. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** True for an address that may read the figures: one of `networks`, or loopback. */
  readonly mayReadStats: (address: string | undefined) => boolean;
  readonly addOwnSeed: (seed: OwnSeed) => void;
  /** Forgets the seeds, peers and figures of a torrent that is no longer offered. */
  readonly removeTorrent: (infohash: string) => void;
  /** A peer that this very program has dropped; `address:port`. */
  readonly noteOffender: (offender: { readonly address: string; readonly reason: string }) => void;
  readonly stats: () => TrackerStats;
  readonly renderStatsPage: (stats: TrackerStats, links?: readonly StatsLink[]) => string;
  /** For Prometheus (text format 0.0.4). */
  readonly renderMetrics: (stats: TrackerStats) => string;
};

/** Where the page leads besides its other forms. */
export type StatsLink = { readonly href: string; readonly text: string };

/** Why a request was not served. */
export const refusalReasons = [
  'malformed',
  'unknown-infohash',
  'foreign-network',
  'bad-connection-id',
  'too-many-peers',
  'too-often',
  'overloaded',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Byte sums as peers announced them. Plain JSON, as all of the statistics. */
export type TransferStats = {
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  /** The parts of `downloadedBytes` that our agents said came from the frontend and from peers. */
  readonly fromFrontendBytes: number;
  readonly fromPeersBytes: number;
  /** Of `fromPeersBytes`: what our agents said came from peers of their own rack, and of others. */
  readonly fromOwnRackBytes: number;
  readonly fromOtherRacksBytes: number;
};

/** Sums of bytes: a row for each that gave some, a column for each that got some. */
export type FlowStats = {
  readonly sources: readonly string[];
  readonly receivers: readonly string[];
  readonly bytes: readonly (readonly number[])[];
};

/** Of nodes: with the rack of each, null for those of none. */
export type NodeFlowStats = FlowStats & {
  readonly sourceRacks: readonly (string | null)[];
  readonly receiverRacks: readonly (string | null)[];
};

/** A peer that others have dropped. */
export type OffenderStats = {
  /** The node's name, or its address. */
  readonly address: string;
  readonly reason: string;
  /** Who said so last, and how many said so. */
  readonly by: string;
  readonly reports: number;
  readonly secondsAgo: number;
};

export type PeerStats = {
  readonly address: string;
  readonly port: number;
  /** The node's name, else its address; `rack 3`, else its network. */
  readonly node: string;
  readonly rack: string;
  readonly client: string;
  readonly role: string | null;
  readonly seed: boolean;
  /** From 0 to 1; null where the torrent's size or what is left is not known. */
  readonly progress: number | null;
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  /** Null for a client that does not tell them apart. */
  readonly fromFrontendBytes: number | null;
  readonly fromPeersBytes: number | null;
  readonly lastAnnounceSeconds: number;
};

export type SwarmStats = TransferStats & {
  readonly infohash: string;
  readonly name: string | null;
  readonly generation: number | null;
  readonly totalSizeBytes: number | null;
  /** Own seeds included. */
  readonly seeds: number;
  readonly leechers: number;
  readonly completed: number;
  readonly announces: number;
  /** Over the last 60 seconds. */
  readonly announcesPerSecond: number;
  /** Bytes from the frontend ÷ the torrent's size; null where that is not known. */
  readonly copiesFromFrontend: number | null;
  /** `address:port`; address `*` for one that depends on who asks. */
  readonly ownSeeds: readonly string[];
  readonly peers: readonly PeerStats[];
  /** How many peers there are besides those listed. */
  readonly peersNotListed: number;
};

export type TrackerStats = {
  readonly uptimeSeconds: number;
  readonly intervalSeconds: number;
  readonly totals: TransferStats & {
    readonly torrents: number;
    readonly swarms: number;
    readonly seeds: number;
    readonly leechers: number;
    readonly completed: number;
    readonly announces: number;
    readonly announcesPerSecond: number;
  };
  readonly refusals: { readonly [reason in RefusalReason]: number };
  /** Who feeds whom since the start; by node while there are few enough of them. */
  readonly flows: { readonly byRack: FlowStats; readonly byNode: NodeFlowStats | null };
  /** How many reports of peers that were dropped there were, and the last ones. */
  readonly offences: number;
  readonly offenders: readonly OffenderStats[];
  /** Those with peers, own seeds or a past; the busiest first. */
  readonly swarms: readonly SwarmStats[];
  readonly swarmsNotListed: number;
};
