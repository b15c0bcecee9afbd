import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { createLineBuffer, type LineBuffer } from './line-buffer.ts';
import { type ProcessUsage, readProcessUsage } from './process-usage.ts';
import { RackError } from './rack-error.ts';

export type ProcessEnd = { readonly code: number | null; readonly signal: string | null };

export type StartOptions = {
  readonly cwd?: string;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What waits for `release()`: a shell that then becomes the program, or the program itself, which
   * reads a line. Undefined: nothing does, and the program's stdin is empty.
   */
  readonly held?: 'by-shell' | 'by-program';
};

/** A program inside a namespace. */
export type RackProcess = {
  /** Of the program itself, not of a wrapper. */
  readonly pid: number;
  /** `host: program`, for messages. */
  readonly title: string;
  readonly ended: Promise<ProcessEnd>;
  readonly stdout: LineBuffer;
  readonly stderr: LineBuffer;
  /** The first line of stdout that matches. Throws RackError `timed-out` or `ended-early`. */
  readonly waitForLine: (pattern: RegExp, timeoutMs: number) => Promise<string>;
  /** Of a program that has ended: as it was at most 0.2 s before. */
  readonly usage: () => ProcessUsage;
  readonly release: () => void;
  /** SIGTERM, then SIGKILL; its children are ended with it. */
  readonly stop: (options?: { readonly graceMs?: number }) => Promise<ProcessEnd>;
  /** SIGKILL now, children too. */
  readonly kill: () => void;
};

/** Starts a program in a namespace. It is killed when this process ends, however that happens. */
export function startProcess(
  place: { readonly namespace: string; readonly hostName: string },
  command: readonly string[],
  options: StartOptions = {},
): RackProcess {
  const title = `${place.hostName}: ${command.slice(0, 2).join(' ')}`;
  const child = spawnInside(place.namespace, command, options);
  const state = { isOver: false };
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(new RackError('command-failed', `expected to start ${title}`, { cause })),
    );
    child.on('exit', () => {
      state.isOver = true;
      closeOutputSoon(child);
    });
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  ended.catch(() => {});

  const stdout = createLineBuffer(child.stdout);
  const stderr = createLineBuffer(child.stderr);
  const pid = child.pid ?? 0;
  const signal = (name: NodeJS.Signals): void => {
    if (!state.isOver && pid > 0) signalGroup(pid, name);
  };
  return {
    pid,
    title,
    ended,
    stdout,
    stderr,
    waitForLine: (pattern, timeoutMs) =>
      waitFor({ title, pattern, ended, stdout, stderr, timeoutMs }),
    usage: watchUsage(pid, child),
    release: () => child.stdin.end('\n'),
    stop: async ({ graceMs = 3_000 } = {}) => {
      signal('SIGTERM');
      const isOver = await Promise.race([
        ended.then(() => true),
        delay(graceMs, false, { ref: false }),
      ]);
      if (!isOver) signal('SIGKILL');
      return ended;
    },
    kill: () => signal('SIGKILL'),
  };
}

function spawnInside(namespace: string, command: readonly string[], options: StartOptions) {
  const isHeld = options.held === 'by-shell';
  const program = isHeld ? ['sh', '-c', 'read -r _; exec "$@"', 'held', ...command] : command;
  // Each of these replaces itself by the next, so the pid stays. A group of its own: a Ctrl-C on
  // the terminal reaches this process only, which then ends what it started.
  const wrapper = [`--net=/run/netns/${namespace}`, 'setpriv', '--pdeathsig', 'KILL', '--'];
  const child = spawn('nsenter', [...wrapper, ...program], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  // It may have ended before it reads.
  child.stdin.on('error', () => {});
  if (options.held === undefined) child.stdin.end();
  return child;
}

const lastOutputMs = 1_000;

/** A daemon that a program leaves behind may keep its output open for ever. */
function closeOutputSoon(child: ChildProcess): void {
  const close = (): void => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  setTimeout(close, lastOutputMs).unref();
}

async function waitFor(options: {
  readonly title: string;
  readonly pattern: RegExp;
  readonly ended: Promise<ProcessEnd>;
  readonly stdout: LineBuffer;
  readonly stderr: LineBuffer;
  readonly timeoutMs: number;
}): Promise<string> {
  const abort = new AbortController();
  const waited = (what: string, code: 'ended-early' | 'timed-out') => {
    const printed = [...options.stdout.lines().slice(-3), ...options.stderr.lines().slice(-5)];
    const expected = `expected ${options.title} to print ${options.pattern}`;
    return Promise.reject(
      new RackError(code, `${expected}, ${what}; last: ${printed.join(' | ')}`),
    );
  };
  try {
    return await Promise.race([
      options.stdout.find(options.pattern),
      options.ended.then(({ code, signal }) =>
        waited(`it ended by ${signal ?? code}`, 'ended-early'),
      ),
      delay(options.timeoutMs, undefined, { signal: abort.signal }).then(() =>
        waited(`waited ${options.timeoutMs} ms`, 'timed-out'),
      ),
    ]);
  } finally {
    abort.abort();
  }
}

/** What a process has used is gone with it, so it is looked at while it lives. */
function watchUsage(pid: number, child: ChildProcess): () => ProcessUsage {
  let latest: ProcessUsage = { cpuSeconds: 0, peakMemoryBytes: 0 };
  const look = (): ProcessUsage => {
    const now = child.exitCode === null ? readProcessUsage(pid) : undefined;
    if (now !== undefined) {
      latest = { ...now, peakMemoryBytes: Math.max(now.peakMemoryBytes, latest.peakMemoryBytes) };
    }
    return latest;
  };
  const timer = setInterval(look, 200);
  timer.unref();
  child.on('exit', () => clearInterval(timer));
  child.on('error', () => clearInterval(timer));
  return look;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended in this moment.
  }
}
