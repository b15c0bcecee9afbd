import cliProgress from 'cli-progress';
import { formatBytes } from './units.ts';

/** Shows how far a long piece of work has come. */
export type ByteProgress = {
  readonly update: (doneBytes: number, totalBytes: number) => void;
  /** Takes the bar off the terminal. */
  readonly stop: () => void;
};

/** A bar with rate and remaining time on stderr when that is a terminal; else nothing. */
export function createByteProgress(label: string): ByteProgress {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // What ends a program is that program's business.
    gracefulExit: false,
    etaBuffer: 50,
    format: (options, params) => {
      const { progress, value, total, eta, startTime } = params;
      const seconds = Math.max((Date.now() - startTime) / 1000, 0.001);
      const fields = [
        `${Math.floor(progress * 100)} %`,
        `${formatBytes(value)} of ${formatBytes(total)}`,
        `${formatBytes(value / seconds)}/s`,
        `${cliProgress.Format.TimeFormat(eta, options, 1)} left`,
      ];
      return `${label} ${cliProgress.Format.BarFormat(progress, options)} ${fields.join(' · ')}`;
    },
  });
  let totalShown: number | undefined;
  return {
    update: (doneBytes, totalBytes) => {
      if (totalShown === undefined) bar.start(totalBytes, 0);
      else if (totalShown !== totalBytes) bar.setTotal(totalBytes);
      totalShown = totalBytes;
      bar.update(Math.min(doneBytes, totalBytes));
    },
    stop: () => bar.stop(),
  };
}

/** Shows which of several steps is at work. */
export type StepProgress = {
  readonly update: (what: string, at: number, of: number) => void;
  /** Takes the line off the terminal. */
  readonly stop: () => void;
};

/** One line on stderr when that is a terminal; else nothing. `at` begins at 1. */
export function createStepProgress(label: string): StepProgress {
  const { stderr } = process;
  if (!stderr.isTTY) return { update: () => {}, stop: () => {} };
  return {
    update: (what, at, of) => {
      stderr.write(`\r\x1b[K${label} ${at} of ${of}: ${what}`.slice(0, stderr.columns));
    },
    stop: () => void stderr.write('\r\x1b[K'),
  };
}
