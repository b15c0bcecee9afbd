/** What happened under one name since it was last told. */
export type MinuteCount = {
  readonly name: string;
  readonly text: string;
  /** Since the last time that it was told, this one included. */
  readonly count: number;
};

const minuteMs = 60_000;
const namesLimit = 100;

/**
 * Tells of the first of a kind at once, and of the others once a minute (or as often as given) with
 * their number, so that a thousand machines that ask in vain fill no log.
 */
export function createMinuteCounts(deps: {
  readonly tell: (count: MinuteCount) => void;
  readonly clockMs: () => number;
  readonly everyMs?: number;
}): { readonly note: (name: string, text: string) => void } {
  const { everyMs = minuteMs } = deps;
  const told = new Map<string, { atMs: number; untold: number }>();
  // Made-up names must neither fill the log nor keep real ones from being told for good.
  const hasRoom = (nowMs: number): boolean => {
    for (const [name, { atMs }] of told) if (nowMs - atMs >= everyMs) told.delete(name);
    return told.size < namesLimit;
  };
  return {
    note: (name, text) => {
      const nowMs = deps.clockMs();
      const last = told.get(name);
      if (last !== undefined && nowMs - last.atMs < everyMs) {
        last.untold += 1;
        return;
      }
      if (last === undefined && told.size >= namesLimit && !hasRoom(nowMs)) return;
      deps.tell({ name, text, count: 1 + (last?.untold ?? 0) });
      told.set(name, { atMs: nowMs, untold: 0 });
    },
  };
}
