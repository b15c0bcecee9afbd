import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';

export type AgentCommand = {
  readonly process: ChildProcess;
  readonly stderr: () => string;
  /** Resolves with what it has said on stdout by its first line. */
  readonly ready: () => Promise<string>;
  readonly end: () => Promise<{ readonly code: number | null; readonly stdout: string }>;
};

/** Runs `scree agent` as a process of its own, killed with the test. */
export function startAgentCommand(
  t: ExecutionContext,
  args: readonly string[],
  wrapper: readonly string[] = [],
): AgentCommand {
  const place = ['--listen', '127.0.0.1:0', '--swarm-address', '127.0.0.1', '--swarm-port', '0'];
  const command = [process.execPath, 'src/cli/main.ts', 'agent', ...place, ...args];
  const [program = '', ...rest] = [...wrapper, ...command];
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const closed = once(child, 'close');
  return {
    process: child,
    stderr: () => stderr,
    ready: async () => {
      while (!stdout.includes('\n')) {
        const end = closed.then(() => Promise.reject(new Error(`it ended: ${stderr}`)));
        await Promise.race([once(child.stdout ?? child, 'data'), end]);
      }
      return stdout;
    },
    end: async () => {
      const [code] = (await closed) as [number | null];
      return { code, stdout };
    },
  };
}
