/** What is counted of all blocks between machines, and whether the one that is coming in is right. */
export type Traffic = {
  /** Handed to a connection. */
  sentBytes: number;
  /** Taken by who had asked for it. */
  takenBytes: number;
  /** Came when it was not wanted any more. */
  unwantedBytes: number;
  /** False while a liar's block is handed over: there are no bytes that could be hashed. */
  isRight: boolean;
};

export function createTraffic(): Traffic {
  return { sentBytes: 0, takenBytes: 0, unwantedBytes: 0, isRight: true };
}
