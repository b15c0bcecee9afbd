import { parseSizeBytes } from '../../src/runtime/units.ts';
import { BenchError } from '../support/bench-error.ts';
import { parseCount, parseValues } from '../support/option-values.ts';
import type { System } from './system.ts';
import { systems, usualSystems } from './systems.ts';

/** Nodes to fill, and the rate of every port, each way. */
export type Size = { readonly nodes: number; readonly rateBitsPerSecond: number };

export type Options = {
  readonly systems: readonly System[];
  readonly sizes: readonly Size[];
  readonly runs: number;
  readonly json: boolean;
  readonly save: boolean;
  readonly treeSizeBytes: number;
  readonly fileCount: number;
  readonly order: 'sorted' | 'shuffled';
  /** Of the tree's sizes and bytes, and of the order. */
  readonly seed: number;
  /** Before each run, for a machine that is doing something else. */
  readonly waitQuietSeconds: number;
};

export const usage = `usage: npm run bench:rack -- [options]

  --systems LIST      of ${[...systems.keys()].join(',')}
                      (${usualSystems.join(',')})
  --nodes LIST        numbers of nodes (1,8,32)
  --rate LIST         of every port each way, in Mbit/s, one for each number of nodes;
                      40 for up to 16 nodes, 20 for more, unless given
  --runs N            of each system with each number of nodes (3)
  --order ORDER       in which every node asks for the files: sorted or shuffled (shuffled)
  --tree-size SIZE    (64M)
  --files N           (300)
  --seed N            of the tree and the order (14)
  --wait-quiet N      seconds to wait before a run while the machine is busy (60)
  --no-save           leave bench/RESULTS.md and bench/results/ as they are
  --json              print one line of JSON at the end
  --help
`;

const optionTypes = {
  systems: { type: 'string', default: usualSystems.join(',') },
  nodes: { type: 'string', default: '1,8,32' },
  rate: { type: 'string' },
  runs: { type: 'string', default: '3' },
  order: { type: 'string', default: 'shuffled' },
  'tree-size': { type: 'string', default: '64M' },
  files: { type: 'string', default: '300' },
  seed: { type: 'string', default: '14' },
  'wait-quiet': { type: 'string', default: '60' },
  'no-save': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Undefined: only help was asked for. Throws BenchError `usage`. */
export function parseOptions(argv: readonly string[]): Options | undefined {
  const values = parseValues(argv, optionTypes);
  if (values.help) return undefined;
  return {
    systems: values.systems.split(',').map(findSystem),
    sizes: parseSizes(values.nodes, values.rate),
    runs: parseCount('--runs', values.runs, 100),
    json: values.json,
    save: !values['no-save'],
    treeSizeBytes: parseSizeBytes(values['tree-size']),
    fileCount: parseCount('--files', values.files, 100_000),
    order: parseOrder(values.order),
    seed: parseCount('--seed', values.seed, 2 ** 31),
    waitQuietSeconds: Number(values['wait-quiet']) || 0,
  };
}

function findSystem(name: string): System {
  const system = systems.get(name);
  if (system !== undefined) return system;
  const known = [...systems.keys()].join(', ');
  throw new BenchError('usage', `expected systems of ${known}, got '${name}'`);
}

function parseSizes(nodesText: string, rateText: string | undefined): Size[] {
  const counts = nodesText.split(',').map((text) => parseCount('--nodes', text, 250));
  const rates = rateText?.split(',').map((text) => parseCount('--rate', text, 100_000));
  if (rates !== undefined && rates.length !== counts.length) {
    throw new BenchError(
      'usage',
      `expected as many --rate as --nodes (${counts.length}), got ${rates.length}`,
    );
  }
  // Together, the ports of all nodes stay below what a small machine can switch.
  return counts.map((nodes, index) => ({
    nodes,
    rateBitsPerSecond: (rates?.[index] ?? (nodes <= 16 ? 40 : 20)) * 1e6,
  }));
}

function parseOrder(text: string): 'sorted' | 'shuffled' {
  if (text === 'sorted' || text === 'shuffled') return text;
  throw new BenchError('usage', `expected --order sorted or shuffled, got '${text}'`);
}
