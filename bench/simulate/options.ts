import { messageOf } from '../../src/runtime/errors.ts';
import { parseRateBytesPerSecond, parseSizeBytes } from '../../src/runtime/units.ts';
import { BenchError } from '../support/bench-error.ts';
import { parseCount, parseValues } from '../support/option-values.ts';

/** Every number of nodes is simulated with every rate of the frontend. */
export type Options = {
  readonly nodes: readonly number[];
  readonly frontendBytesPerSecond: readonly number[];
  readonly nodeBytesPerSecond: number;
  readonly treeBytes: number;
  readonly files: number;
  readonly rackSize: number;
  readonly seed: number;
  readonly save: boolean;
};

export const usage = `usage: npm run bench:simulate -- [options]

  --nodes LIST       how many install (100,1000)
  --frontend LIST    the frontend's port (1Gbit,10Gbit)
  --node-rate RATE   a node's port (1Gbit)
  --tree SIZE        what they install (16M)
  --files N          in it (20)
  --racks-of N       nodes in a rack, whose uplink is a quarter of its ports (40)
  --seed N           of all chance (1)
  --no-save          leave bench/RESULTS.md and bench/results/ as they are
  --help
`;

const optionTypes = {
  nodes: { type: 'string', default: '100,1000' },
  frontend: { type: 'string', default: '1Gbit,10Gbit' },
  'node-rate': { type: 'string', default: '1Gbit' },
  tree: { type: 'string', default: '16M' },
  files: { type: 'string', default: '20' },
  'racks-of': { type: 'string', default: '40' },
  seed: { type: 'string', default: '1' },
  'no-save': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Undefined: only help was asked for. Throws BenchError `usage`. */
export function parseOptions(argv: readonly string[]): Options | undefined {
  const values = parseValues(argv, optionTypes);
  if (values.help) return undefined;
  const rateOf = (text: string) => read(text, parseRateBytesPerSecond);
  return {
    nodes: values.nodes.split(',').map((text) => parseCount('--nodes', text, 20_000)),
    frontendBytesPerSecond: values.frontend.split(',').map(rateOf),
    nodeBytesPerSecond: rateOf(values['node-rate']),
    treeBytes: read(values.tree, parseSizeBytes),
    files: parseCount('--files', values.files, 100_000),
    rackSize: parseCount('--racks-of', values['racks-of'], 20_000),
    seed: parseCount('--seed', values.seed, 1_000_000),
    save: !values['no-save'],
  };
}

function read(text: string, parse: (text: string) => number): number {
  try {
    return parse(text);
  } catch (cause) {
    throw new BenchError('usage', messageOf(cause), { cause });
  }
}
