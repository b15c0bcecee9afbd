/**
 * Bytes of Ethernet frame for each byte of data on a TCP connection of full segments: 1448 bytes
 * with the timestamp option, in frames of 1514 bytes as the kernel's shaper counts them.
 */
export const wireOverhead = 1514 / 1448;

/**
 * The physical limit for filling all nodes with `sizeBytes`, in seconds: the wire time of one tree
 * through the slowest of the frontend's port, a node's port, and all uploads together ÷ nodes.
 */
export function limitSeconds(options: {
  readonly sizeBytes: number;
  readonly frontendBitsPerSecond: number;
  readonly nodesBitsPerSecond: readonly number[];
}): number {
  const { frontendBitsPerSecond, nodesBitsPerSecond } = options;
  const allUploads = nodesBitsPerSecond.reduce((sum, rate) => sum + rate, frontendBitsPerSecond);
  const slowest = Math.min(
    frontendBitsPerSecond,
    ...nodesBitsPerSecond,
    allUploads / nodesBitsPerSecond.length,
  );
  return (options.sizeBytes * 8 * wireOverhead) / slowest;
}
