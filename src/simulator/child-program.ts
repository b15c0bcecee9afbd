import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DemoError } from './errors.ts';

/** A scree command in a process of its own. */
export type ChildProgram = {
  /** Undefined: it could not be started. */
  readonly pid: number | undefined;
  /** The rest of its `ready …` line. Throws DemoError `child-died` or `not-ready`. */
  readonly ready: () => Promise<string>;
  /** Resolves when it ended with exit code 0; else throws DemoError `child-died`. */
  readonly success: () => Promise<void>;
  /** Throws DemoError when it ends: `child-died`, or `interrupted` when it was told to. */
  readonly watch: () => Promise<never>;
  /** SIGTERM, and SIGKILL when that was not enough. Does not throw. */
  readonly stop: () => Promise<void>;
  /** SIGKILL, without waiting. */
  readonly kill: () => void;
};

const scree = fileURLToPath(new URL('../../scree', import.meta.url));
const readyLimitMs = 60_000;
const graceMs = 3_000;
const keptLines = 5;
const longestLine = 300;

/** Starts `scree …`. The last lines that it writes to stderr are kept, to name its end. */
export function startProgram(name: string, args: readonly string[]): ChildProgram {
  // A process group of its own: a Ctrl-C in the terminal reaches the demo, which ends the others.
  const child = spawn(scree, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const lastLines = keepLastLines(child);
  const readyLine = findReadyLine(child);
  const ended = endOf(child);
  let wasStopped = false;
  const death = (aim: string, how: string) => {
    const said = lastLines().join(' | ') || 'nothing';
    const text = `expected ${name} to ${aim}, but it ${how}; the last it said was: ${said}`;
    return new DemoError('child-died', text);
  };
  const watch = async (): Promise<never> => {
    const how = await ended;
    throw wasStopped
      ? new DemoError('interrupted', `${name} was told to end`)
      : death('go on', how);
  };
  return {
    pid: child.pid,
    ready: () => Promise.race([readyLine, watch(), tooLate(name)]),
    success: async () => {
      const how = await ended;
      if (how !== success) throw death('succeed', how);
    },
    watch,
    stop: async () => {
      wasStopped = true;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
    kill: () => {
      wasStopped = true;
      child.kill('SIGKILL');
    },
  };
}

const success = 'ended with exit code 0';

/** Resolves with how it ended, in words, when all that it wrote was read. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`could not be started: ${error.message}`));
    child.on('close', (code, signal) =>
      resolve(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`),
    );
  });
}

function keepLastLines({ stderr }: ChildProcess): () => readonly string[] {
  const lines: string[] = [];
  if (stderr === null) return () => lines;
  createInterface({ input: stderr }).on('line', (line) => {
    if (line.trim() === '') return;
    lines.push(line.slice(0, longestLine));
    if (lines.length > keptLines) lines.shift();
  });
  return () => lines;
}

function findReadyLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (stdout === null) return;
    createInterface({ input: stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
  });
}

async function tooLate(name: string): Promise<never> {
  await delay(readyLimitMs, undefined, { ref: false });
  const text = `expected ${name} to be ready within ${readyLimitMs / 1000} s, waited in vain`;
  throw new DemoError('not-ready', text);
}
