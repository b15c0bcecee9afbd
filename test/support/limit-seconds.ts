/**
 * Bytes of Ethernet frame for each byte of data on a TCP connection of full segments: 1448 bytes
 * with the timestamp option, in frames of 1514 bytes as the kernel's shaper counts them.
 */
export const wireOverhead = 1514 / 1448;

export type LimitInput = {
  /** Of the tree that every node is to have. */
  readonly sizeBytes: number;
  readonly frontendBitsPerSecond: number;
  readonly nodesBitsPerSecond: readonly number[];
  /** When each node starts, in seconds; all at 0 unless given. */
  readonly startsSeconds?: readonly number[];
  /** For each rack with nodes of its own: the rate of its uplink, each way; the frontend is in none. */
  readonly uplinksBitsPerSecond?: readonly number[];
  /** When the frontend begins to give nothing, and for how long. */
  readonly frontendGone?: { readonly fromSeconds: number; readonly forSeconds: number };
};

/**
 * Seconds from the first node's start that filling all nodes takes at least. It is the longest of:
 * from a node's start, one tree through its port; one tree through the frontend's port, and as long
 * as that is gone before it has left; one tree into a rack through its uplink. As ports are as fast in both
 * directions, what all can send is never the limit.
 */
export function limitSeconds(input: LimitInput): number {
  const { nodesBitsPerSecond, startsSeconds = [0], uplinksBitsPerSecond = [] } = input;
  const treeBits = input.sizeBytes * 8 * wireOverhead;
  const firstSeconds = Math.min(...startsSeconds);
  const startOf = (node: number) => (startsSeconds[node] ?? firstSeconds) - firstSeconds;
  return Math.max(
    ...nodesBitsPerSecond.map((rate, node) => startOf(node) + treeBits / rate),
    frontendSeconds(treeBits / input.frontendBitsPerSecond, input.frontendGone),
    ...uplinksBitsPerSecond.map((rate) => treeBits / rate),
  );
}

function frontendSeconds(seconds: number, gone: LimitInput['frontendGone']): number {
  return gone === undefined || seconds <= gone.fromSeconds ? seconds : seconds + gone.forSeconds;
}
