import type { SimulateProgress } from './run.ts';

const lineEveryMs = 2000;

/** Tells now and then how far a long run has come: one line on a terminal, else one after another. */
export function createSimulateView(
  stream: NodeJS.WriteStream,
  nowMs: () => number = () => performance.now(),
): { readonly show: (progress: SimulateProgress) => void; readonly close: () => void } {
  let nextMs = nowMs() + lineEveryMs;
  let shown = false;
  return {
    show: (progress) => {
      if (nowMs() < nextMs) return;
      nextMs = nowMs() + lineEveryMs;
      const line = renderProgress(progress);
      if (stream.isTTY) stream.write(`\r\x1b[K${line}`.slice(0, stream.columns + 3));
      else stream.write(`${line}\n`);
      shown = true;
    },
    close: () => {
      if (shown && stream.isTTY) stream.write('\r\x1b[K');
    },
  };
}

export function renderProgress({
  done,
  virtualSeconds,
  nodesDone,
  events,
}: SimulateProgress): string {
  const millions = (events / 1e6).toFixed(1);
  return (
    `${Math.floor(done * 100)} % installed, ${virtualSeconds.toFixed(1)} s simulated, ` +
    `nodes done: ${nodesDone}, ${millions} million events`
  );
}
