import { beatMs } from '../runtime/beat.ts';

/**
 * A token bucket. `take` takes the bytes in any case and says after how many milliseconds they may
 * be sent: who asks first goes first, however often others ask.
 */
export type RateLimiter = { readonly take: (sizeBytes: number) => number };

/** More than a beat, or who sends once a beat stays below the rate. */
export const burstMs = 3 * beatMs;

/** A bucket of three beats' worth of bytes; a rate of 0 never waits. */
export function createRateLimiter(
  bytesPerSecond: number,
  nowMs: () => number = () => performance.now(),
): RateLimiter {
  if (bytesPerSecond === 0) return { take: () => 0 };
  const bytesPerMs = bytesPerSecond / 1000;
  let tokens = bytesPerMs * burstMs;
  let filledAtMs = nowMs();
  return {
    take: (sizeBytes) => {
      const now = nowMs();
      tokens = Math.min(bytesPerMs * burstMs, tokens + (now - filledAtMs) * bytesPerMs);
      filledAtMs = now;
      const waitMs = tokens > 0 ? 0 : Math.max(1, Math.ceil(-tokens / bytesPerMs));
      // The bucket may go below zero, so that blocks larger than it pass, too.
      tokens -= sizeBytes;
      return waitMs;
    },
  };
}
