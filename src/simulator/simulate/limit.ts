import { wireFactor } from './link.ts';

export type LimitInput = {
  readonly treeBytes: number;
  readonly frontendBytesPerSecond: number;
  readonly nodeBytesPerSecond: number;
  /** When each installer begins. */
  readonly startsMs: readonly number[];
  /** All that others can send, nodes that nobody waits for. */
  readonly othersBytesPerSecond: number;
  /** How many racks, and the rate of each one's uplink, each way; undefined: there are none. */
  readonly racks: { readonly count: number; readonly bytesPerSecond: number } | undefined;
};

/**
 * Milliseconds from the first installer's start that no system can beat: the longest of what the
 * frontend's port takes for one tree; all uploads together for all of them; the uplink of a rack
 * for the one tree that has to come in, and all that can send to racks for one tree each; and
 * from its own start, what a node's port takes.
 */
export function limitMs(input: LimitInput): number {
  const { treeBytes, nodeBytesPerSecond, frontendBytesPerSecond, startsMs, racks } = input;
  const wireBytes = treeBytes * wireFactor;
  const first = startsMs.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const last = startsMs.reduce((most, each) => Math.max(most, each), 0);
  const nodes = startsMs.length;
  const uploads = frontendBytesPerSecond + nodes * nodeBytesPerSecond + input.othersBytesPerSecond;
  const seconds = [
    (last - first) / 1000 + wireBytes / nodeBytesPerSecond,
    wireBytes / frontendBytesPerSecond,
    (nodes * wireBytes) / uploads,
  ];
  if (racks !== undefined) {
    const intoRacks = frontendBytesPerSecond + racks.count * racks.bytesPerSecond;
    seconds.push(wireBytes / racks.bytesPerSecond, (racks.count * wireBytes) / intoRacks);
  }
  return Math.max(...seconds) * 1000;
}
