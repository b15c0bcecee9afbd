/** How long the agent waits, for whom. All in milliseconds. */
export type Limits = {
  /** A response that waits this long for its next byte ends: 504, or a cut connection. */
  readonly stallMs: number;
  /** How long one request goes on trying to reach a frontend that does not answer. */
  readonly reconnectMs: number;
  /** The same for a path that the tree does not have; then the answer is 404. */
  readonly reconnectForAbsentMs: number;
  /** How long a start waits for the address to listen on. */
  readonly addressMs: number;
  /** For one attempt to connect. */
  readonly connectMs: number;
  /** For silence in an answer that is not streamed on. */
  readonly answerMs: number;
  /** A swarm that gives a reader nothing for this long is left for the frontend. */
  readonly swarmPatienceMs: number;
  /**
   * The same after it failed a reader, for `doubtMs` at least, and until it has given anything
   * again: not everyone waits that long.
   */
  readonly doubtfulPatienceMs: number;
  readonly doubtMs: number;
  /** How long the list of trees, and a tree that could not be opened, count as known. */
  readonly listFreshMs: number;
  /**
   * How long requests wait for a tree to be opened; then the frontend answers them. With a given
   * key nobody does: so long it is opened again and again.
   */
  readonly openMs: number;
  /**
   * How long requests wait for a tree that is not listed, where a key was given: a frontend that has
   * just started does not list all its trees yet.
   */
  readonly absentMs: number;
  /** Pause before a tree is opened again for those who wait; it doubles, up to eight times this. */
  readonly reopenMs: number;
  /** How long a start waits for the first list, and a first request for a newer generation. */
  readonly firstListMs: number;
  /** An installer that has asked for nothing new for so long has all it needs. */
  readonly settledMs: number;
  /** Pause between attempts to join a swarm that could not be joined. */
  readonly rejoinMs: number;
  /** A connection on which nothing moves at all, because the installer reads nothing, is closed. */
  readonly connectionIdleMs: number;
  /** How long an idle connection is kept for the installer's next request. */
  readonly keepAliveMs: number;
};

export const defaultLimits: Limits = {
  stallMs: 60_000,
  reconnectMs: 20_000,
  reconnectForAbsentMs: 3_000,
  addressMs: 5_000,
  connectMs: 4_000,
  answerMs: 10_000,
  swarmPatienceMs: 30_000,
  doubtfulPatienceMs: 3_000,
  doubtMs: 10_000,
  listFreshMs: 5_000,
  openMs: 25_000,
  absentMs: 4_000,
  reopenMs: 500,
  firstListMs: 3_000,
  settledMs: 30_000,
  rejoinMs: 30_000,
  connectionIdleMs: 600_000,
  keepAliveMs: 120_000,
};

/** Pipelined requests of one connection that are worked on at the same time. */
export const pipelineDepth = 10;

/** Connections from other machines that are kept to be told 403; further ones are just closed. */
export const remoteConnectionsLimit = 16;

/** The largest documents that are taken from a frontend. */
export const documentLimits = {
  listBytes: 4 * 2 ** 20,
  manifestBytes: 128 * 2 ** 20,
  torrentBytes: 64 * 2 ** 20,
  /** Trees that are joined before anybody asked for them. */
  trees: 64,
} as const;
