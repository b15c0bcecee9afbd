const windowMs = 10_000;
const mostReportsPerSecond = 100;
const leastSeconds = 2;
const mostSeconds = 60;

/** After how long those who report may do so again, so that they do it so often in all. */
export function createReportPace(nowMs: () => number) {
  let beganAtMs = nowMs();
  let reports = 0;
  let seconds = leastSeconds;
  return {
    /** Of one that reports now. */
    nextSeconds: (): number => {
      reports += 1;
      const elapsedMs = nowMs() - beganAtMs;
      // Those who were told another pace before have all come once.
      if (elapsedMs >= windowMs + seconds * 1000 || elapsedMs < 0) {
        const reporters = (reports / Math.max(1, elapsedMs / 1000)) * seconds;
        seconds = Math.min(mostSeconds, Math.max(leastSeconds, reporters / mostReportsPerSecond));
        beganAtMs = nowMs();
        reports = 0;
      }
      return seconds;
    },
  };
}
