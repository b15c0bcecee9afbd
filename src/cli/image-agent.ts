import { Command, CommanderError } from 'commander';
import { messageOf } from '../runtime/errors.ts';
import { register } from './agent.ts';

/**
 * The agent as it stands in a ramdisk: the flags of `scree agent`, and nothing of the other
 * commands. Ends with 2 for flags and kernel arguments that cannot be used.
 */
const exitCodes = { failed: 1, usage: 2 } as const;

const program = new Command('scree').exitOverride().configureOutput({
  outputError: (text, write) => write(`scree: ${text.replace(/^error: /, '')}`),
});
register(program);
try {
  await program.parseAsync(['agent', ...process.argv.slice(2)], { from: 'user' });
} catch (error) {
  const isSaid = error instanceof CommanderError;
  if (!isSaid) process.stderr.write(`scree: ${messageOf(error)}\n`);
  process.exitCode = isSaid ? usageCode(error) : exitCodes.failed;
}

function usageCode({ exitCode }: CommanderError): number {
  return exitCode === 0 ? 0 : exitCodes.usage;
}
