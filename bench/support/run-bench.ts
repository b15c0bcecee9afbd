import { messageOf, ScreeError } from '../../src/runtime/errors.ts';

export type Bench<Options> = {
  /** As in `npm run bench:<name>`. */
  readonly name: string;
  readonly usage: string;
  /** Undefined: only help was asked for. Throws BenchError `usage`. */
  readonly parseOptions: (argv: readonly string[]) => Options | undefined;
};

/** Runs a benchmark to its exit code: 2 for options that make no sense, 1 for what else fails. */
export async function runBench<Options>(
  { name, usage, parseOptions }: Bench<Options>,
  main: (options: Options, argv: readonly string[]) => Promise<number>,
): Promise<never> {
  const argv = process.argv.slice(2);
  try {
    const options = parseOptions(argv);
    if (options === undefined) process.stdout.write(usage);
    else process.exitCode = await main(options, argv);
  } catch (error) {
    process.stderr.write(`bench:${name}: ${messageOf(error)}\n`);
    process.exitCode = error instanceof ScreeError && error.code === 'usage' ? 2 : 1;
  }
  // Whatever a failed program left behind must not keep this from ending.
  process.exit();
}
