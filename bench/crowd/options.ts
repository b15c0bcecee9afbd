import { parseSizeBytes } from '../../src/runtime/units.ts';
import {
  type CommonOptions,
  commonTypes,
  parseCommon,
  parseCount,
  parseValues,
} from '../support/option-values.ts';

export type Options = {
  /** How many are connected, in one run after the other. */
  readonly crowds: readonly number[];
  /** Of the frontend, all connections together. */
  readonly uploadBytesPerSecond: number;
  readonly treeSizeBytes: number;
  readonly fileCount: number;
  readonly seed: number;
} & CommonOptions;

export const usage = `usage: npm run bench:crowd -- [options]

  --agents LIST    how many are connected (100,300,1000)
  --rate N         at which the frontend sends, in Mbit/s (40)
  --tree-size SIZE (128M)
  --files N        (300)
  --seed N         of the tree (14)
  --runs N         with each number of agents (3)
  --wait-quiet N   seconds to wait before a run while the machine is busy (60)
  --no-save        leave bench/RESULTS.md and bench/results/ as they are
  --json           print one line of JSON at the end
  --help
`;

/** As many as a seeder takes. */
const mostAgents = 4096;

const optionTypes = {
  agents: { type: 'string', default: '100,300,1000' },
  rate: { type: 'string', default: '40' },
  'tree-size': { type: 'string', default: '128M' },
  files: { type: 'string', default: '300' },
  seed: { type: 'string', default: '14' },
  ...commonTypes,
} as const;

/** Undefined: only help was asked for. Throws BenchError `usage`. */
export function parseOptions(argv: readonly string[]): Options | undefined {
  const values = parseValues(argv, optionTypes);
  if (values.help) return undefined;
  return {
    crowds: values.agents.split(',').map((text) => parseCount('--agents', text, mostAgents)),
    uploadBytesPerSecond: (parseCount('--rate', values.rate, 100_000) * 1e6) / 8,
    treeSizeBytes: parseSizeBytes(values['tree-size']),
    fileCount: parseCount('--files', values.files, 20_000),
    seed: parseCount('--seed', values.seed, 2 ** 31),
    ...parseCommon(values),
  };
}
