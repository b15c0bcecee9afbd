import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';

export type ForeignProgram = {
  /** Resolves with the exit code; undefined when a signal ended it. */
  readonly ended: Promise<number | undefined>;
  readonly output: () => string;
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>;
};

/** Runs a program until it ends or the test does. */
export function runForeign(
  t: ExecutionContext,
  command: string,
  args: readonly string[],
): ForeignProgram {
  const child = spawn(command, args, { stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('latin1').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = exitCodeOf(child);
  const stop = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  t.teardown(() => stop());
  return { ended, output: () => output, stop };
}

async function exitCodeOf(child: ChildProcess): Promise<number | undefined> {
  const [code] = await once(child, 'close');
  return code ?? undefined;
}
