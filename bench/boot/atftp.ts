import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RackProcess } from '../../test/support/rack-process.ts';
import { BenchError } from '../support/bench-error.ts';
import { type Initrd, initrdName, verifyCopies } from './initrd.ts';
import type { TftpSetting } from './settings.ts';
import type { Stage } from './stage.ts';

export const atftp = { file: '/usr/bin/atftp', debianPackage: 'atftp' } as const;

/** What fits into a frame of 1,500 bytes. */
export const blockBytes = 1468;

export type Fetchers = {
  /** All at once. Resolves when the last one has everything; throws BenchError. */
  readonly fetch: () => Promise<{ readonly cpuSeconds: number }>;
  /** Throws BenchError `wrong-content`. */
  readonly verify: () => Promise<void>;
};

const limitSeconds = 900;
// All shells have to be up before one is released.
const shellMs = 15;

/** Clients that wait for the start, each a process; their copies go to `folder`. */
export async function prepareFetchers(
  { server, clients }: Stage,
  setting: TftpSetting,
  { folder, initrd }: { readonly folder: string; readonly initrd: Initrd },
): Promise<Fetchers> {
  const { windowBlocks } = setting;
  const window = windowBlocks === 1 ? [] : ['--option', `windowsize ${windowBlocks}`];
  const options = ['--option', `blksize ${blockBytes}`, ...window];
  const targets = Array.from({ length: setting.clients }, (_, at) => join(folder, `copy-${at}`));
  const programs = targets.map((target) =>
    clients.start(['atftp', ...options, '--get', '-r', initrdName, '-l', target, server.ip], {
      held: 'by-shell',
    }),
  );
  await delay(300 + programs.length * shellMs);
  return {
    fetch: async () => {
      for (const program of programs) program.release();
      await withinLimit(programs);
      return { cpuSeconds: programs.reduce((sum, each) => sum + each.usage().cpuSeconds, 0) };
    },
    verify: async () => {
      await verifyCopies(initrd, targets);
      await Promise.all(targets.map((target) => rm(target)));
    },
  };
}

async function withinLimit(programs: readonly RackProcess[]): Promise<void> {
  const timer = setTimeout(() => {
    for (const program of programs) program.kill();
  }, limitSeconds * 1000);
  const ends = await Promise.all(programs.map((program) => program.ended));
  clearTimeout(timer);
  const failed = ends.findIndex(({ code }) => code !== 0);
  if (failed < 0) return;
  const last = programs[failed]?.stderr.lines().at(-1) ?? '';
  const how = ends[failed]?.signal ?? ends[failed]?.code;
  throw new BenchError('client-failed', `expected atftp to succeed, it ended by ${how}: ${last}`);
}
