import { parseCount, parseOneOf, parseValues } from '../support/option-values.ts';
import { type Protocol, protocols, type Scenario } from './figures.ts';

export type Options = {
  readonly protocols: readonly Protocol[];
  readonly scenarios: readonly Scenario[];
  readonly runs: number;
  /** As many answers as it gives, for so long. */
  readonly mostSeconds: number;
  /** As many announces as the peers send, for so long. */
  readonly pacedSeconds: number;
  readonly save: boolean;
  /** Before each run, for a machine that is doing something else. */
  readonly waitQuietSeconds: number;
};

export const usage = `usage: npm run bench:tracker -- [options]

  --protocols LIST    of ${protocols.join(',')} (both)
  --runs N            of each tracker in each setting (3)
  --most-seconds N    for which answers are asked for as fast as they come (5)
  --paced-seconds N   for which every peer announces every 30 s (20)
  --quick             one run with few peers, to see that everything works; saves nothing
  --wait-quiet N      seconds to wait before a run while the machine is busy (0)
  --no-save           leave bench/RESULTS.md and bench/results/ as they are
  --help
`;

const optionTypes = {
  protocols: { type: 'string', default: protocols.join(',') },
  runs: { type: 'string' },
  'most-seconds': { type: 'string' },
  'paced-seconds': { type: 'string' },
  quick: { type: 'boolean', default: false },
  'wait-quiet': { type: 'string', default: '0' },
  'no-save': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const usual = {
  runs: '3',
  mostSeconds: '5',
  pacedSeconds: '20',
  scenarios: [
    { name: '10,000 in 1 swarm', addresses: 10_000, swarms: 1, swarmsEach: 1 },
    { name: '100,000 in 1,000', addresses: 10_000, swarms: 1_000, swarmsEach: 10 },
  ],
};
const quick = {
  runs: '1',
  mostSeconds: '1',
  pacedSeconds: '2',
  scenarios: [
    { name: '200 in 1 swarm', addresses: 200, swarms: 1, swarmsEach: 1 },
    { name: '1,000 in 20', addresses: 200, swarms: 20, swarmsEach: 5 },
  ],
};

/** Undefined: only help was asked for. Throws BenchError `usage`. */
export function parseOptions(argv: readonly string[]): Options | undefined {
  const values = parseValues(argv, optionTypes);
  if (values.help) return undefined;
  const unlessGiven = values.quick ? quick : usual;
  const seconds = (option: 'most-seconds' | 'paced-seconds', otherwise: string) =>
    parseCount(`--${option}`, values[option] ?? otherwise, 600);
  return {
    protocols: values.protocols
      .split(',')
      .map((text) => parseOneOf('--protocols', text, protocols)),
    scenarios: unlessGiven.scenarios,
    runs: parseCount('--runs', values.runs ?? unlessGiven.runs, 100),
    mostSeconds: seconds('most-seconds', unlessGiven.mostSeconds),
    pacedSeconds: seconds('paced-seconds', unlessGiven.pacedSeconds),
    save: !values['no-save'] && !values.quick,
    waitQuietSeconds: Number(values['wait-quiet']) || 0,
  };
}
