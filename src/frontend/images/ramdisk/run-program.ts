import { type ExecFileOptionsWithStringEncoding, execFile } from 'node:child_process';
import { messageOf } from '../../../runtime/errors.ts';

export type ProgramRun = {
  readonly file: string;
  readonly args: readonly string[];
  /** Where it runs. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
};

/** Runs a program to its end; resolves with its stdout. Rejects with an Error that has its last line. */
export function runProgram({ file, args, folder, signal }: ProgramRun): Promise<string> {
  const options: ExecFileOptionsWithStringEncoding = {
    ...{ encoding: 'utf8', cwd: folder, maxBuffer: 16 * 1024 * 1024 },
    env: { ...process.env, LC_ALL: 'C' },
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = stderr.trim().split('\n').at(-1) ?? '';
      reject(new Error(said === '' ? messageOf(error) : said, { cause: error }));
    });
    child.stdin?.end();
  });
}
