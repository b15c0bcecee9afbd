const mebibyte = 1024 * 1024;
const smallestBytes = 16 * mebibyte;
const largestTogetherBytes = 4096 * mebibyte;
/** What two files of the store's own and the pieces in flight need beside a whole tree. */
const slackBytes = 8 * mebibyte;

/**
 * How much each of a rack's agents may keep on this one disk: the whole tree where there is room
 * for that, and at most half of what is free for all of them together.
 */
export function planStoreBytes(options: {
  readonly treeBytes: number;
  readonly nodeCount: number;
  readonly freeBytes: number;
}): number {
  const { treeBytes, nodeCount, freeBytes } = options;
  const togetherBytes = Math.min(largestTogetherBytes, freeBytes / 2);
  const shareBytes = Math.floor(togetherBytes / nodeCount);
  return Math.max(smallestBytes, Math.min(treeBytes + slackBytes, shareBytes));
}
