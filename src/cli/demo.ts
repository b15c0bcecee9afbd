import { type Command, InvalidArgumentError, Option } from 'commander';
import { messageOf } from '../runtime/errors.ts';
import { parseRateBytesPerSecond } from '../runtime/units.ts';

type Options = {
  readonly nodes: number;
  readonly tree?: string;
  readonly upload: number;
  readonly json?: boolean;
};

const mostNodes = 64;

/** `scree demo`: a rack on this machine. */
export function register(program: Command): void {
  program
    .command('demo')
    .description(
      'A whole rack on this machine: a frontend, and nodes that install from each other.',
    )
    .option('--nodes <count>', `how many nodes, 1 to ${mostNodes}`, parseNodeCount, 8)
    .option('--tree <folder>', 'what they install (default: a tree of 100 MB, made and removed)')
    .addOption(
      new Option('--upload <rate>', "cap for the frontend's seed, 0 for none")
        .argParser(parseRate)
        .default(12_500_000, '100Mbit'),
    )
    .option('--json', 'print the summary as JSON')
    .action(async ({ nodes, tree, upload, json }: Options) => {
      const { runDemo } = await import('../simulator/main.ts');
      process.exitCode = await runDemo({
        nodeCount: nodes,
        treeFolder: tree,
        uploadBytesPerSecond: upload,
        json: json === true,
      });
    });
}

function parseNodeCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= mostNodes) return count;
  throw new InvalidArgumentError(`expected a whole number from 1 to ${mostNodes}`);
}

function parseRate(text: string): number {
  try {
    return parseRateBytesPerSecond(text);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}
