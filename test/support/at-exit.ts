/**
 * Runs `cleanUp` when this process ends in any way that a process can notice: by itself, by an
 * uncaught error, by SIGINT, SIGTERM or SIGHUP. It has to be synchronous. Returns what takes it
 * off the list again.
 */
export function atExit(cleanUp: () => void): () => void {
  if (cleanUps.size === 0) watch();
  cleanUps.add(cleanUp);
  return () => {
    if (cleanUps.delete(cleanUp) && cleanUps.size === 0) unwatch();
  };
}

const cleanUps = new Set<() => void>();
const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

function watch(): void {
  process.on('exit', runAll);
  for (const signal of Object.keys(signalNumbers)) process.on(signal, exitBySignal);
}

function unwatch(): void {
  process.off('exit', runAll);
  for (const signal of Object.keys(signalNumbers)) process.off(signal, exitBySignal);
}

function exitBySignal(signal: keyof typeof signalNumbers): void {
  process.exit(128 + signalNumbers[signal]);
}

/** The latest first: what was made last stands on what was made before. */
function runAll(): void {
  for (const cleanUp of [...cleanUps].reverse()) {
    try {
      cleanUp();
    } catch (error) {
      process.stderr.write(`cleaning up at the end failed: ${String(error)}\n`);
    }
  }
}
