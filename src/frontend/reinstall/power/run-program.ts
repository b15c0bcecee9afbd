import { type ExecFileOptionsWithStringEncoding, execFile } from 'node:child_process';
import { PowerError } from '../errors.ts';

export type ProgramRun = {
  readonly file: string;
  readonly args: readonly string[];
  /** Beside this program's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

const limitMs = 60_000;
const longestOutputBytes = 1024 * 1024;

/** Runs a program to its end; resolves with its stdout. Rejects with PowerError. */
export function runProgram({ file, args, env = {}, signal }: ProgramRun): Promise<string> {
  const options: ExecFileOptionsWithStringEncoding = {
    ...{ encoding: 'utf8', timeout: limitMs, maxBuffer: longestOutputBytes, signal },
    killSignal: 'SIGKILL',
    env: { ...process.env, ...env },
  };
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const said = lastLine(stderr) || lastLine(stdout);
      const how = error.killed ? `it took longer than ${limitMs / 1000} s` : endOf(error.code);
      const message = `expected '${file}' to end well, ${how}${said === '' ? '' : `: ${said}`}`;
      reject(new PowerError('not-switched', message, { cause: error }));
    });
    child.stdin?.end();
  });
}

function endOf(code: string | number | null | undefined): string {
  return typeof code === 'number' ? `it ended with ${code}` : `got ${code ?? 'a signal'}`;
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line.replaceAll(/\p{Cc}/gu, ' ');
}
