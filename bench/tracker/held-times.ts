const everyMs = 1;

/**
 * How long this thread was kept by one stretch of its own work: its processor time between two
 * calls of a timer. Unlike the delay of the event loop it leaves out what other programs of a busy
 * machine took.
 */
export function createHeldTimes(): { readonly takeMostMs: () => number } {
  let last = usedMs();
  let mostMs = 0;
  setInterval(() => {
    const now = usedMs();
    mostMs = Math.max(mostMs, now - last);
    last = now;
  }, everyMs).unref();
  return {
    takeMostMs: () => {
      const most = mostMs;
      mostMs = 0;
      last = usedMs();
      return most;
    },
  };
}

function usedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
