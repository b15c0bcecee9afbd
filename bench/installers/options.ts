import {
  type CommonOptions,
  commonTypes,
  parseCommon,
  parseCount,
  parseOneOf,
  parseValues,
} from '../support/option-values.ts';
import type { Client } from './client.ts';
import { aptDownload, debootstrap } from './client-apt.ts';
import { dnf, dnfDownload } from './client-dnf.ts';
import { type SystemName, systemNames } from './system.ts';

const clients: readonly Client[] = [dnf, dnfDownload, aptDownload, debootstrap];
const clientNames = clients.map((client) => client.name);

export type Options = {
  readonly clients: readonly Client[];
  readonly systems: readonly SystemName[];
  readonly nodes: readonly number[];
  /** Of every port, each way. */
  readonly rateBitsPerSecond: number;
} & CommonOptions;

export const usage = `usage: npm run bench:installers -- [options]

  --clients LIST   of ${clientNames.join(',')} (all)
  --systems LIST   of ${systemNames.join(',')} (all)
  --nodes LIST     numbers of nodes (1,8)
  --rate N         of every port each way, in Mbit/s (6)
  --runs N         of each (3)
  --wait-quiet N   seconds to wait before a run while the machine is busy (60)
  --no-save        leave bench/RESULTS.md and bench/results/ as they are
  --json           print one line of JSON at the end
  --help
`;

const optionTypes = {
  clients: { type: 'string', default: clientNames.join(',') },
  systems: { type: 'string', default: systemNames.join(',') },
  nodes: { type: 'string', default: '1,8' },
  rate: { type: 'string', default: '6' },
  ...commonTypes,
} as const;

/** Undefined: only help was asked for. Throws BenchError `usage`. */
export function parseOptions(argv: readonly string[]): Options | undefined {
  const values = parseValues(argv, optionTypes);
  if (values.help) return undefined;
  const wanted = values.clients
    .split(',')
    .map((name) => parseOneOf('--clients', name, clientNames));
  return {
    clients: clients.filter(({ name }) => wanted.includes(name)),
    systems: values.systems.split(',').map((name) => parseOneOf('--systems', name, systemNames)),
    nodes: values.nodes.split(',').map((text) => parseCount('--nodes', text, 100)),
    rateBitsPerSecond: parseCount('--rate', values.rate, 100_000) * 1e6,
    ...parseCommon(values),
  };
}
