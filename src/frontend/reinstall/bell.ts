/** Something has happened; what it was is looked up by who hears it. */
export type Bell = {
  readonly ring: () => void;
  /** Resolves when it rings, has rung since it was last heard, or at this time (ms since 1970). */
  readonly heard: (untilMs: number | undefined) => Promise<void>;
};

/** Longer ones do not fit into a timer. */
const longestWaitMs = 60_000;

export function createBell(clockMs: () => number): Bell {
  let hasRung = false;
  let wake = (): void => {};
  return {
    ring: () => {
      hasRung = true;
      wake();
    },
    heard: async (untilMs) => {
      if (!hasRung) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const waitMs = untilMs === undefined ? longestWaitMs : untilMs - clockMs();
        const timer = setTimeout(resolve, Math.max(0, Math.min(waitMs, longestWaitMs)));
        await promise;
        clearTimeout(timer);
      }
      hasRung = false;
    },
  };
}
