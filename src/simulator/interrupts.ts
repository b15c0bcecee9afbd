import { DemoError } from './errors.ts';

/** Aborted, with a DemoError `interrupted`, by the first signal that asks this process to end. */
export type Interrupts = {
  readonly signal: AbortSignal;
  /** What a shell expects of a program that a signal ended; undefined without one. */
  readonly exitCode: () => number | undefined;
  readonly close: () => void;
};

const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;
const names = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Takes the signals over until `close`. A second one ends the process at once. */
export function watchInterrupts(): Interrupts {
  const abort = new AbortController();
  let exitCode: number | undefined;
  const interrupt = (name: keyof typeof exitCodes): void => {
    exitCode ??= exitCodes[name];
    abort.abort(new DemoError('interrupted', `stopped by ${name}, nothing is left behind`));
  };
  const onSignal = (name: (typeof names)[number]): void => {
    if (exitCode !== undefined) process.exit(exitCode);
    interrupt(name);
  };
  for (const name of names) process.on(name, onSignal);
  // Whoever read the output is gone; Node reports that as an error, not as a signal.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => interrupt('SIGPIPE'));
  }
  return {
    signal: abort.signal,
    exitCode: () => exitCode,
    close: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
