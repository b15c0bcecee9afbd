const mebibyte = 2 ** 20;

/** From 32 MiB, without which hardly anything is passed on, to what the largest trees need. */
const leastBytes = 32 * mebibyte;
const mostBytes = 8 * 1024 * mebibyte;
const mostMovedBytes = 64 * 1024 * mebibyte;

/**
 * The budget of a store that was given none: a quarter of the memory that is available, as the
 * folder of a ramdisk is memory, but no more than half of what is free in that folder. What an
 * earlier process left there counts as available.
 */
export function planStoreSize(machine: {
  readonly availableMemoryBytes: number;
  /** Undefined: not known. */
  readonly freeBytes: number | undefined;
  readonly leftBytes: number;
}): number {
  const { availableMemoryBytes, freeBytes = Number.POSITIVE_INFINITY, leftBytes } = machine;
  const fitting = Math.min((availableMemoryBytes + leftBytes) / 4, (freeBytes + leftBytes) / 2);
  return Math.floor(Math.min(mostBytes, Math.max(leastBytes, fitting)));
}

/**
 * The budget of a store that moves to a disk: a quarter of what is free there, for the rest is the
 * installer's; but what it had before, where that is not more than half. A disk that does not say
 * what is free gets what the store had.
 */
export function planMovedSize(freeBytes: number | undefined, budgetBytes: number): number {
  if (freeBytes === undefined) return Math.min(mostMovedBytes, budgetBytes);
  const share = Math.max(freeBytes / 4, Math.min(budgetBytes, freeBytes / 2));
  return Math.floor(Math.min(mostMovedBytes, share));
}
