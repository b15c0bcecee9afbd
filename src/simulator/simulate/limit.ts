import { sum } from '../sum.ts';
import { wireFactor } from './link.ts';
import type { Wanted } from './wanted.ts';

export type LimitInput = {
  readonly wanted: Wanted;
  readonly frontendBytesPerSecond: number;
  readonly nodeBytesPerSecond: number;
  /** When each installer begins. */
  readonly startsMs: readonly number[];
  /** All that others can send, nodes that nobody waits for. */
  readonly othersBytesPerSecond: number;
  /** The rate of a rack's uplink, each way; undefined: there are none. */
  readonly uplinkBytesPerSecond: number | undefined;
  /** By what the real tree is larger than the model's; the rates are the real ones. */
  readonly scale: number;
  /** The frontend sends nothing for so long, from so long after the first installer's start. */
  readonly goneAtMs: number;
  readonly goneForMs: number;
};

/**
 * Milliseconds from the first installer's start that no system can beat: the longest of what the
 * frontend's port takes for all that is wanted, each byte once, and the time that it is away
 * meanwhile; all uploads together for what each node wants; the uplink of a rack for what has to
 * come in, and all that can send to racks for all of them; and from its own start, what a node's
 * port takes.
 */
export function limitMs(input: LimitInput): number {
  const { wanted, startsMs, nodeBytesPerSecond, frontendBytesPerSecond, scale } = input;
  const { uplinkBytesPerSecond } = input;
  const wire = (bytes: number) => bytes * wireFactor * scale;
  const firstMs = startsMs.reduce((least, each) => Math.min(least, each), Infinity);
  const ownSeconds = wanted.nodeBytes.map(
    (bytes, at) => ((startsMs[at] ?? 0) - firstMs) / 1000 + wire(bytes) / nodeBytesPerSecond,
  );
  const uploads =
    frontendBytesPerSecond +
    wanted.nodeBytes.length * nodeBytesPerSecond +
    input.othersBytesPerSecond;
  const outSeconds = wire(wanted.distinctBytes) / frontendBytesPerSecond;
  const awaySeconds = outSeconds * 1000 > input.goneAtMs ? input.goneForMs / 1000 : 0;
  const seconds = [
    most(ownSeconds),
    outSeconds + awaySeconds,
    wire(sum(wanted.nodeBytes)) / uploads,
  ];
  if (uplinkBytesPerSecond !== undefined) {
    const { rackBytes } = wanted;
    const intoRacks = frontendBytesPerSecond + rackBytes.length * uplinkBytesPerSecond;
    seconds.push(wire(most(rackBytes)) / uplinkBytesPerSecond, wire(sum(rackBytes)) / intoRacks);
  }
  return most(seconds) * 1000;
}

function most(numbers: readonly number[]): number {
  return numbers.reduce((largest, each) => Math.max(largest, each), 0);
}
