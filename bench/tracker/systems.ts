import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { atExit } from '../../test/support/at-exit.ts';
import { BenchError } from '../support/bench-error.ts';

export type LoopFigures = {
  readonly mostMs: number;
  readonly p999Ms: number;
  readonly heldMostMs: number;
};

export type StartedTracker = {
  readonly pid: number;
  readonly port: number;
  readonly collectGarbage: () => Promise<void>;
  readonly watchLoop: () => Promise<void>;
  /** Since then; undefined where nothing can be known of it. */
  readonly takeLoop: () => Promise<LoopFigures | undefined>;
  /** Paths of the figures that it has. */
  readonly statsPaths: readonly string[];
  readonly stop: () => Promise<void>;
};

export type TrackerSystem = {
  readonly name: string;
  readonly start: (infohashes: readonly string[], folder: string) => Promise<StartedTracker>;
};

const opentrackerPort = 16_969;
const startsWithinMs = 10_000;

const scree: TrackerSystem = {
  name: 'scree',
  start: async (infohashes, folder) => {
    const file = join(folder, 'infohashes');
    writeFileSync(file, infohashes.join('\n'));
    const program = join(import.meta.dirname, 'scree-process.ts');
    const child = spawn(process.execPath, ['--expose-gc', program, file, '0'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ready = /^ready (\d+)$/.exec(String((await lines.next()).value))?.[1];
    if (ready === undefined) throw new BenchError('client-failed', 'the tracker did not start');
    const order = async (name: string) => {
      child.stdin.write(`${name}\n`);
      return String((await lines.next()).value);
    };
    return {
      ...runningOf(child),
      port: Number(ready),
      collectGarbage: async () => void (await order('collect')),
      watchLoop: async () => void (await order('watch')),
      takeLoop: async () => JSON.parse(await order('tell')),
      statsPaths: ['/stats', '/stats.json', '/metrics'],
    };
  },
};

/** Debian's opentracker serves only what its whitelist names; it reads it inside its own root. */
const opentracker: TrackerSystem = {
  name: 'opentracker',
  start: async (infohashes, folder) => {
    const root = join(folder, 'opentracker');
    mkdirSync(root, { recursive: true });
    chmodSync(folder, 0o755);
    writeFileSync(join(root, 'whitelist'), `${infohashes.join('\n')}\n`);
    const port = String(opentrackerPort);
    const child = spawn(
      'opentracker',
      ['-i', '127.0.0.1', '-p', port, '-P', port, '-u', 'nobody', '-d', root, '-w', 'whitelist'],
      { stdio: 'ignore' },
    );
    await untilItListens(opentrackerPort);
    // It reads its whitelist in a thread of its own.
    await delay(500);
    return {
      ...runningOf(child),
      port: opentrackerPort,
      collectGarbage: async () => {},
      watchLoop: async () => {},
      takeLoop: async () => undefined,
      statsPaths: ['/stats?mode=peer'],
    };
  },
};

export const systems: readonly TrackerSystem[] = [scree, opentracker];

function runningOf(child: ChildProcess): Pick<StartedTracker, 'pid' | 'stop'> {
  const forget = atExit(() => child.kill('SIGKILL'));
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      forget();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function untilItListens(port: number): Promise<void> {
  const deadlineMs = performance.now() + startsWithinMs;
  while (performance.now() < deadlineMs) {
    if (await isListening(port)) return;
    await delay(50);
  }
  throw new BenchError('client-failed', `expected opentracker to listen at ${port}, it does not`);
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (isOpen: boolean) => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on('connect', () => end(true));
    socket.on('error', () => end(false));
  });
}

export type ProcessUsage = { readonly cpuSeconds: number; readonly residentBytes: number };

/** Of all its threads, from proc(5). */
export function readUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  const ticks = Number(stat[11]) + Number(stat[12]);
  return { cpuSeconds: ticks / 100, residentBytes: Number(kilobytes) * 1024 };
}
