import { messageOf, ScreeError } from '../../src/runtime/errors.ts';

/** Runs a benchmark to its exit code: 2 for options that make no sense, 1 for what else fails. */
export async function runBench(
  name: string,
  main: (argv: readonly string[]) => Promise<number>,
): Promise<never> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`bench:${name}: ${messageOf(error)}\n`);
    process.exitCode = error instanceof ScreeError && error.code === 'usage' ? 2 : 1;
  }
  // Whatever a failed program left behind must not keep this from ending.
  process.exit();
}
