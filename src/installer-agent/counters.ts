/** What the agent did since its start. */
export type Counters = {
  requestsInFlight: number;
  requestsServed: number;
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
