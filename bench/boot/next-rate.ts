/** What a server was offered, and whether it kept up. */
export type Trial = { readonly ratePerSecond: number; readonly isKept: boolean };

export type RateSearch = {
  readonly first: number;
  readonly least: number;
  readonly most: number;
  /** Done when the lowest rate that failed is at most so many times the highest that was kept. */
  readonly fineness: number;
};

/**
 * The rate to try next on the way to the highest that is kept, or undefined when it is known. A rate
 * has failed when it failed twice: once may be the machine's fault.
 */
export function nextRate(trials: readonly Trial[], search: RateSearch): number | undefined {
  const last = trials.at(-1);
  if (last === undefined) return search.first;
  const failed = trials.filter(({ isKept }) => !isKept).map(({ ratePerSecond }) => ratePerSecond);
  const isFirstFailure = failed.filter((rate) => rate === last.ratePerSecond).length === 1;
  if (!last.isKept && isFirstFailure) return last.ratePerSecond;
  const kept = highestKept(trials);
  const above = failed.filter((rate) => rate > kept);
  if (above.length === 0) return kept >= search.most ? undefined : Math.min(kept * 2, search.most);
  const lowestFailed = Math.min(...above);
  if (kept === 0) return lowestFailed <= search.least ? undefined : Math.ceil(lowestFailed / 2);
  const isFound = lowestFailed <= kept * search.fineness;
  const between = Math.round(Math.sqrt(kept * lowestFailed));
  return isFound || between === kept || between === lowestFailed ? undefined : between;
}

/** 0 when none was. */
export function highestKept(trials: readonly Trial[]): number {
  return Math.max(0, ...trials.filter((each) => each.isKept).map((each) => each.ratePerSecond));
}
