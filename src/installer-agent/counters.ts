/** What the agent did since its start. A request that was answered is in one of the three sums. */
export type Counters = {
  requestsInFlight: number;
  requestsServed: number;
  /** Answered with 5xx, the frontend's included, or cut. */
  requestsFailed: number;
  /** Requests for other hosts, and connections of other machines. */
  requestsRefused: number;
  remoteConnections: number;
  /** Body bytes handed to the installer, by where they came from. */
  fromSwarmBytes: number;
  /** Verified pieces that were read past the swarm. */
  fromFrontendBytes: number;
  /** Answers that were passed on as they were. */
  passedThroughBytes: number;
};

export function createCounters(): Counters {
  return {
    requestsInFlight: 0,
    requestsServed: 0,
    requestsFailed: 0,
    requestsRefused: 0,
    remoteConnections: 0,
    fromSwarmBytes: 0,
    fromFrontendBytes: 0,
    passedThroughBytes: 0,
  };
}

/** In which sum an answer counts. `isOwn`: the agent's own words, not a file or the frontend's. */
export function decideOutcome(status: number, isOwn: boolean): 'served' | 'failed' | 'refused' {
  if (status >= 500) return 'failed';
  return isOwn && status === 403 ? 'refused' : 'served';
}
