/**
 * A shaped port. Rates are bits per second; the bucket lets a burst of 96 KiB through and 512 KiB
 * wait before packets are dropped, like a switch port with a small buffer.
 */
const burstBytes = 96 * 1024;
const queueBytes = 512 * 1024;

/** The `tc` batch line that shapes what leaves through a device. */
export function renderShaping(device: string, rateBitsPerSecond: number): string {
  return (
    `qdisc replace dev ${device} root tbf ` +
    `rate ${rateBitsPerSecond}bit burst ${burstBytes} limit ${queueBytes}`
  );
}

/**
 * The bytes that left through a device's queue, from `tc -s -j qdisc show`. Unlike the device's own
 * counter this one counts the headers of every segment of a large packet.
 */
export function parseSentBytes(text: string): number {
  const queues: unknown = JSON.parse(text);
  if (!Array.isArray(queues)) return 0;
  return queues.reduce((sum: number, queue: unknown) => sum + rootBytes(queue), 0);
}

function rootBytes(queue: unknown): number {
  if (typeof queue !== 'object' || queue === null) return 0;
  const isRoot = 'root' in queue && queue.root === true;
  return isRoot && 'bytes' in queue && typeof queue.bytes === 'number' ? queue.bytes : 0;
}
