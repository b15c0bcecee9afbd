import { spawn } from 'node:child_process';
import { atExit } from './at-exit.ts';
import { createLineBuffer } from './line-buffer.ts';
import type { RackProcess } from './rack-process.ts';

/** A program of a test, on this machine or in a namespace. */
export type GroundProgram = Pick<
  RackProcess,
  'stdout' | 'stderr' | 'ended' | 'waitForLine' | 'stop'
>;

const graceMs = 3_000;

/** Starts a program on this machine. It is killed when this process ends, however that happens. */
export function startGroundProgram(command: readonly string[]): GroundProgram {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stdout = createLineBuffer(child.stdout);
  const stderr = createLineBuffer(child.stderr);
  const ended: GroundProgram['ended'] = new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: null, signal: error.message }));
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  const forget = atExit(() => child.kill('SIGKILL'));
  void ended.then(forget);
  return {
    stdout,
    stderr,
    ended,
    waitForLine: async (pattern, timeoutMs) => {
      const { promise: tooLate, resolve } = Promise.withResolvers<string>();
      const timer = setTimeout(() => resolve(`did not in ${timeoutMs} ms`), timeoutMs);
      const over = ended.then(({ code, signal }) => `ended by ${signal ?? code}`);
      const failed = Promise.race([over, tooLate]).then((how) => {
        const last = [...stdout.lines(), ...stderr.lines()].slice(-10).join(' | ');
        throw new Error(`expected ${program} to print ${pattern}, but it ${how}: ${last}`);
      });
      return Promise.race([stdout.find(pattern), failed]).finally(() => clearTimeout(timer));
    },
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      const end = await ended;
      clearTimeout(timer);
      return end;
    },
  };
}
