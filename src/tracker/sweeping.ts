/** Of an interval: silent for longer, a peer is gone, so that it is within two of them. */
export const silentIntervals = 1.75;

export const sweepMs = 100;

/** So much at a time, so that nobody waits: all of 200,000 peers within 2.5 s, or 7 if all went. */
export const sweptAtOnce = { slots: 8_192, removals: 3_000 } as const;
