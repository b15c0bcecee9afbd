import type { Metainfo } from '../protocol/metainfo.ts';

/** The bytes of a torrent, in stream order, as a seeder holds them. */
export type PieceSource = {
  /** Rejects when the bytes cannot be had as they were hashed (changed, unreadable, gone). */
  readonly read: (offsetBytes: number, lengthBytes: number) => Promise<Buffer>;
};

/** Fetches a range of a torrent's byte stream outside the swarm (BEP 19: the frontend by HTTP). */
export type RangeFallback = {
  /** Resolves undefined when the frontend refuses for now (its budget is used up). */
  readonly fetch: (
    offsetBytes: number,
    lengthBytes: number,
    signal: AbortSignal,
  ) => Promise<Buffer | undefined>;
};

/** What is counted per torrent. Bytes are piece bytes that verified, or that were sent. */
export type TransferCounters = {
  readonly receivedFromFrontendBytes: number;
  readonly receivedFromPeersBytes: number;
  readonly receivedByHttpBytes: number;
  readonly sentBytes: number;
  readonly badPieces: number;
};

export type PeerStatus = {
  /** `address:port` of the connection, IPv6 in brackets. */
  readonly address: string;
  readonly client: string;
  /** One of our own agents or frontends (larger blocks, batched haves). */
  readonly own: boolean;
  readonly frontend: boolean;
  readonly pieces: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
};

/** A peer that was dropped: where it listens, or called from, and why. */
export type Offender = { readonly address: string; readonly reason: string };

export type SwarmStatus = {
  readonly infohash: string;
  readonly piecesHeld: number;
  readonly pieceCount: number;
  readonly peers: readonly PeerStatus[];
  /** Dropped for bad pieces or broken protocol, with the reason; the last 50. */
  readonly offenders: readonly Offender[];
  readonly counters: TransferCounters;
  /** Of pieces that an earlier process had left in the store, and that verified. */
  readonly takenUpBytes?: number;
};

/** A torrent that this process seeds from a source that holds all of it. */
export type Seed = {
  readonly metainfo: Metainfo;
  readonly status: () => SwarmStatus;
  readonly close: () => Promise<void>;
};

/** How the bytes of a range are read. */
export type ReadOptions = {
  readonly signal: AbortSignal;
  /** How long one piece may stay away; a minute unless given. */
  readonly patienceMs?: number;
  /** Takes the next bytes; they stay as they are until its promise has settled. */
  readonly write: (bytes: Buffer) => Promise<void>;
};

/** A torrent that this process downloads on demand and serves to its peers. */
export type TreeSwarm = {
  readonly metainfo: Metainfo;
  /**
   * Writes the verified bytes `[startByte, endByte)` of the stream, in order, as they are verified.
   * The pieces under it are demanded while it is read. Rejects when the signal aborts, when
   * `write` does, or with ReadError when a piece cannot be had within the limit.
   */
  readonly read: (range: StreamRange, options: ReadOptions) => Promise<void>;
  /**
   * What is likely to be read, in this order, as ranges of the stream, and if it `isWhole`, nothing
   * behind its end; replaces what was said before. Some of it is fetched before it is read.
   */
  readonly expect: (order: readonly StreamRange[], isWhole: boolean) => void;
  readonly status: () => SwarmStatus;
  readonly close: () => Promise<void>;
};

/** Bytes `[startByte, endByte)` of a torrent's stream. */
export type StreamRange = { readonly startByte: number; readonly endByte: number };

/** One TCP listener and all torrents behind it. */
export type SwarmHost = {
  readonly port: number;
  readonly seed: (options: { readonly metainfo: Metainfo; readonly source: PieceSource }) => Seed;
  readonly join: (options: {
    readonly metainfo: Metainfo;
    /** HTTP announce URLs (BEP 3). */
    readonly trackers: readonly string[];
    readonly fallback: RangeFallback | undefined;
  }) => Promise<TreeSwarm>;
  readonly store: SwarmStore;
  /** From now on, and for all torrents, only what is read is fetched. */
  readonly stopReadingAhead: () => void;
  readonly close: () => Promise<void>;
};

/** A place that is chosen; without a size there is a budget that suits it. */
export type StoreChoice = { readonly folder: string; readonly sizeBytes?: number | undefined };

export type StorePlace = { readonly folder: string; readonly sizeBytes: number };

export type StoreStatus = {
  /** Undefined: there is none, or it cannot be used; pieces are in memory only. */
  readonly folder: string | undefined;
  /** The budget. */
  readonly sizeBytes: number;
  /** Of it, what the disk has given, or can be asked for. */
  readonly capacityBytes: number;
};

/** Where a host keeps what it downloads, all torrents within one budget. */
export type SwarmStore = {
  readonly status: () => StoreStatus;
  /**
   * Goes on in another folder with all that is held; reading and sending go on meanwhile. Without
   * a size, the budget is a share of what is free there. Resolves with the new place, at once when
   * it is there already. Throws StoreError with the reason, and then goes on where it was.
   */
  readonly move: (to: StoreChoice) => Promise<StorePlace>;
  /**
   * Leaves the disk, with nothing left on it, as before it is unmounted: pieces are in memory only
   * from then on, until it moves again.
   */
  readonly leave: () => Promise<void>;
};

export type SwarmHostOptions = {
  /** Where to listen, and where connections go out from unless it is a wildcard. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Bytes per second for what is sent; 0: no cap. */
  readonly uploadBytesPerSecond: number;
  /** Where pieces are kept; needed for `join` only. What lies there is taken up. */
  readonly store?: StoreChoice;
  /** Told to peers and to the tracker. */
  readonly role?: string;
  /** A peer of a torrent that is seeded here was dropped; see Offender. */
  readonly onOffender?: (offender: Offender) => void;
  /** Whose calls are taken; nobody is refused without it. */
  readonly isAllowed?: (address: string) => boolean;
};
