import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';
import { temporaryFolder } from './temporary-folder.ts';

const scree = resolve('scree');

/** Runs `scree` on a state folder of its own, in a folder of its own. */
export async function createCli(t: ExecutionContext) {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'scree.yaml');
  const any = '{ listen: "127.0.0.1:0" }';
  await writeFile(config, `state: state\nhttp: ${any}\ntracker: ${any}\nseed: ${any}\n`);
  const start = (...args: readonly string[]) =>
    spawn(scree, [...args, '-c', config], { cwd: folder });
  const run = (...args: readonly string[]) => ended(start(...args));
  return {
    folder,
    state: join(folder, 'state'),
    start,
    run,
    /** What it prints, when it succeeds. */
    out: async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await run(...args);
      t.is(code, 0, stderr);
      return stdout;
    },
    /** With so much on stdin. */
    fed: (input: string, ...args: readonly string[]) => {
      const child = start(...args);
      child.stdin.end(input);
      return ended(child);
    },
  };
}

async function ended(child: ChildProcess) {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('expected pipes, got none');
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(stdout), text(stderr)]);
  return { code: Number(code), stdout: out, stderr: err };
}

/** Waits until a program says that it is ready; kills it when the test ends. */
export async function untilReady(t: ExecutionContext, child: ChildProcess): Promise<void> {
  t.teardown(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('expected a pipe, got none');
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (child.exitCode !== null) throw new Error('expected a program to run, but it ended');
}
