/** A token bucket. `take` says how long to wait first; 0 means that the bytes are taken. */
export type RateLimiter = { readonly take: (sizeBytes: number) => number };

const burstMs = 50;

/** A bucket of 50 ms worth of bytes per second; a rate of 0 never waits. */
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
      if (tokens <= 0) return Math.max(1, Math.ceil(-tokens / bytesPerMs));
      // The bucket may go below zero by one block, so that blocks larger than it pass, too.
      tokens -= sizeBytes;
      return 0;
    },
  };
}
