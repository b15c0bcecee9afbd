import { parseSizeBytes } from '../../src/runtime/units.ts';
import {
  type CommonOptions,
  commonTypes,
  parseCommon,
  parseCount,
  parseOneOf,
  parseValues,
} from '../support/option-values.ts';

/** What is known of the install orders: see the README. */
export const phaseNames = ['unknown', 'learnt', 'laid-out'] as const;
export type Phase = (typeof phaseNames)[number];

export type Options = {
  readonly nodes: number;
  /** Of every port, each way. */
  readonly rateBitsPerSecond: number;
  readonly treeSizeBytes: number;
  readonly fileCount: number;
  /** The share of the tree that each node wants. */
  readonly part: number;
  /** Of the tree's sizes and bytes, and of what the roles want. */
  readonly seed: number;
  readonly phases: readonly Phase[];
} & CommonOptions;

export const usage = `usage: npm run bench:roles -- [options]

  --nodes N        in turn of two roles (8)
  --rate N         of every port each way, in Mbit/s (40)
  --tree-size SIZE (1G)
  --files N        (4800)
  --part N         percent of the tree that each node wants, half of it wanted by all (30)
  --seed N         (14)
  --phases LIST    of ${phaseNames.join(',')} (all); a phase needs those before it
  --runs N         of all phases one after the other (3)
  --wait-quiet N   seconds to wait before a run while the machine is busy (60)
  --no-save        leave bench/RESULTS.md and bench/results/ as they are
  --json           print one line of JSON at the end
  --help
`;

const optionTypes = {
  nodes: { type: 'string', default: '8' },
  rate: { type: 'string', default: '40' },
  'tree-size': { type: 'string', default: '1G' },
  files: { type: 'string', default: '4800' },
  part: { type: 'string', default: '30' },
  seed: { type: 'string', default: '14' },
  phases: { type: 'string', default: phaseNames.join(',') },
  ...commonTypes,
} as const;

/** Undefined: only help was asked for. Throws BenchError `usage`. */
export function parseOptions(argv: readonly string[]): Options | undefined {
  const values = parseValues(argv, optionTypes);
  if (values.help) return undefined;
  const named = values.phases.split(',').map((name) => parseOneOf('--phases', name, phaseNames));
  const last = Math.max(...named.map((name) => phaseNames.indexOf(name)));
  return {
    nodes: parseCount('--nodes', values.nodes, 100),
    rateBitsPerSecond: parseCount('--rate', values.rate, 100_000) * 1e6,
    treeSizeBytes: parseSizeBytes(values['tree-size']),
    fileCount: parseCount('--files', values.files, 20_000),
    // Two roles that share a half of this each have to find room in the tree.
    part: parseCount('--part', values.part, 66) / 100,
    seed: parseCount('--seed', values.seed, 2 ** 31),
    phases: phaseNames.slice(0, last + 1),
    ...parseCommon(values),
  };
}
