import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChildProgram, startProgram } from './child-program.ts';
import { startReaper } from './reaper.ts';

/** Everything that a demo makes on this machine: one folder, and processes. */
export type DemoPlace = {
  readonly folder: string;
  /** Throws the reason of the signal when the place is being left. */
  readonly start: (name: string, args: readonly string[]) => ChildProgram;
};

const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 };

/**
 * Does the work in a place that exists for it alone: when the work ends, in whatever way, or the
 * signal aborts, its processes are ended and its folder is removed. Throws what the work throws,
 * or the signal's reason.
 */
export async function inDemoPlace<Result>(
  work: (place: DemoPlace) => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'scree-demo-'));
  const reaper = startReaper(folder);
  const programs: ChildProgram[] = [];
  // For ends that leave no time to wait: a second signal, or a defect.
  const leaveNothing = (): void => {
    for (const program of programs) program.kill();
    rmSync(folder, removal);
  };
  process.on('exit', leaveNothing);
  const start = (name: string, args: readonly string[]): ChildProgram => {
    signal.throwIfAborted();
    const program = startProgram(name, args);
    programs.push(program);
    if (program.pid !== undefined) reaper.watch(program.pid);
    return program;
  };
  const working = work({ folder, start });
  try {
    return await Promise.race([working, onceAborted(signal)]);
  } finally {
    await Promise.all(programs.map((program) => program.stop()));
    await working.catch(() => {});
    await rm(folder, removal);
    await reaper.dismiss();
    process.off('exit', leaveNothing);
  }
}

function onceAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
