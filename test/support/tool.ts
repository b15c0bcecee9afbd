import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { RackError } from './rack-error.ts';

/**
 * Runs a system tool to its end, in this process's own namespaces, and resolves with its stdout.
 * Throws RackError `command-failed` when it cannot be started, fails or takes too long.
 */
export async function runTool(
  argv: readonly string[],
  options: { readonly input?: string; readonly timeoutMs?: number } = {},
): Promise<string> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { timeout: options.timeoutMs ?? 20_000 });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(code === 0 ? '' : `it ended by ${signal ?? code}`));
  });
  const [failure, stdout, stderr] = await Promise.all([
    ended,
    text(child.stdout),
    text(child.stderr),
  ]);
  if (failure === '') return stdout;
  throw new RackError(
    'command-failed',
    `expected '${argv.join(' ')}' to succeed, but ${failure}: ${stderr.trim()}`,
  );
}
