const everyMs = 1;

/**
 * How long this thread was kept by one stretch of its own work: its processor time between two
 * calls of a timer. Unlike the delay of the event loop it leaves out what other programs of a busy
 * machine took.
 */
export function watchHeldTimes(): { readonly stop: () => number } {
  let last = usedMs();
  let mostMs = 0;
  const timer = setInterval(() => {
    const now = usedMs();
    mostMs = Math.max(mostMs, now - last);
    last = now;
  }, everyMs);
  return {
    stop: () => {
      clearInterval(timer);
      return mostMs;
    },
  };
}

function usedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
