import { ScreeError } from '../runtime/errors.ts';

class StoppedError extends ScreeError<'stopped'> {}

/**
 * For work that leaves all as it was when its signal is aborted. The first Ctrl-C, or SIGTERM,
 * stops it in order, with StoppedError as the reason; a second one ends the process at once.
 */
export async function stoppable<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const abort = new AbortController();
  const stop = (signal: string) =>
    abort.abort(new StoppedError('stopped', `stopped by ${signal}; nothing was changed`));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(abort.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
