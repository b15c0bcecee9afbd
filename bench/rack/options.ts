import { parseSizeBytes } from '../../src/runtime/units.ts';
import { BenchError } from '../support/bench-error.ts';
import { parseCount, parseValues } from '../support/option-values.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';
import type { System } from './system.ts';
import { systems } from './systems.ts';

export type Options = {
  readonly scenarios: readonly Scenario[];
  /** Undefined, as what follows: as each scenario has it. */
  readonly systems: readonly System[] | undefined;
  readonly nodes: readonly number[] | undefined;
  /** As many as there are numbers of nodes. */
  readonly ratesBitsPerSecond: readonly number[] | undefined;
  readonly treeSizeBytes: number | undefined;
  readonly runs: number;
  readonly json: boolean;
  readonly save: boolean;
  readonly fileCount: number;
  readonly order: 'sorted' | 'shuffled';
  /** Of the tree's sizes and bytes, and of the order. */
  readonly seed: number;
  /** Before each run, for a machine that is doing something else. */
  readonly waitQuietSeconds: number;
};

export const usage = `usage: npm run bench:rack -- [options]

  --scenario LIST     (plain)
${[...scenarios.values()].map(({ name, about }) => `    ${name.padEnd(17)} ${about}`).join('\n')}
  --systems LIST      of ${[...systems.keys()].join(',')}
                      (as the scenario has it; ${scenarios.get('plain')?.systems.join(',')})
  --nodes LIST        numbers of nodes (as the scenario has it; 1,8,32)
  --rate LIST         of every port each way, in Mbit/s, one for each number of nodes
                      (as the scenario has it; 40 for up to 8 nodes, 20 for more)
  --tree-size SIZE    (as the scenario has it; 64M)
  --runs N            of each system with each number of nodes (3)
  --order ORDER       in which every node asks for the files: sorted or shuffled (shuffled)
  --files N           (300)
  --seed N            of the tree and the order (14)
  --wait-quiet N      seconds to wait before a run while the machine is busy (60)
  --no-save           leave bench/RESULTS.md and bench/results/ as they are
  --json              print one line of JSON at the end
  --help
`;

const optionTypes = {
  scenario: { type: 'string', default: 'plain' },
  systems: { type: 'string' },
  nodes: { type: 'string' },
  rate: { type: 'string' },
  runs: { type: 'string', default: '3' },
  order: { type: 'string', default: 'shuffled' },
  'tree-size': { type: 'string' },
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
  const treeSize = values['tree-size'];
  return {
    scenarios: findAll('scenarios', scenarios, values.scenario),
    systems: values.systems === undefined ? undefined : findAll('systems', systems, values.systems),
    nodes: values.nodes?.split(',').map((text) => parseCount('--nodes', text, 250)),
    ratesBitsPerSecond: values.rate
      ?.split(',')
      .map((text) => parseCount('--rate', text, 100_000) * 1e6),
    treeSizeBytes: treeSize === undefined ? undefined : parseSizeBytes(treeSize),
    runs: parseCount('--runs', values.runs, 100),
    json: values.json,
    save: !values['no-save'],
    fileCount: parseCount('--files', values.files, 100_000),
    order: parseOrder(values.order),
    seed: parseCount('--seed', values.seed, 2 ** 31),
    waitQuietSeconds: Number(values['wait-quiet']) || 0,
  };
}

function findAll<Found>(what: string, all: ReadonlyMap<string, Found>, names: string): Found[] {
  return names.split(',').map((name) => {
    const found = all.get(name);
    if (found !== undefined) return found;
    const known = [...all.keys()].join(', ');
    throw new BenchError('usage', `expected ${what} of ${known}, got '${name}'`);
  });
}

function parseOrder(text: string): 'sorted' | 'shuffled' {
  if (text === 'sorted' || text === 'shuffled') return text;
  throw new BenchError('usage', `expected --order sorted or shuffled, got '${text}'`);
}
