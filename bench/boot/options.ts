import { parseSizeBytes } from '../../src/runtime/units.ts';
import { parseCount, parseOneOf, parseValues } from '../support/option-values.ts';
import type { Part } from './figures.ts';
import { mostMachines } from './machines.ts';

export type Options = {
  readonly parts: readonly Part[];
  readonly runs: number;
  /** Nodes of the database, and machines that are powered on at once. */
  readonly machines: number;
  /** How long each rate of DHCP exchanges is offered. */
  readonly dhcpSeconds: number;
  /** Numbers of TFTP clients; the first one is `tftpSingle`'s, the last one `tftpMany`'s. */
  readonly clients: readonly number[];
  readonly initrdBytes: number;
  readonly json: boolean;
  readonly save: boolean;
  /** Before each run, for a machine that is doing something else. */
  readonly waitQuietSeconds: number;
};

export const parts: readonly Part[] = ['dhcp', 'burst', 'rearm', 'tftp'];

export const usage = `usage: npm run bench:boot -- [options]

  --only LIST         of ${parts.join(',')} (all of them)
  --runs N            of each server in each setting (3)
  --machines N        nodes, and machines that are powered on at once (1000)
  --dhcp-seconds N    for which each rate of DHCP exchanges is offered (3)
  --clients LIST      numbers of TFTP clients (1,64)
  --initrd-size SIZE  what each of them fetches (30M)
  --quick             one run with few machines, few clients and a small ramdisk, to see that
                      everything works; saves nothing
  --wait-quiet N      seconds to wait before a run while the machine is busy (60)
  --no-save           leave bench/RESULTS.md and bench/results/ as they are
  --json              print one line of JSON at the end
  --help
`;

const optionTypes = {
  only: { type: 'string', default: parts.join(',') },
  runs: { type: 'string' },
  machines: { type: 'string' },
  'dhcp-seconds': { type: 'string' },
  clients: { type: 'string' },
  'initrd-size': { type: 'string' },
  quick: { type: 'boolean', default: false },
  'wait-quiet': { type: 'string', default: '60' },
  'no-save': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const usual = { runs: '3', machines: '1000', dhcpSeconds: '3', clients: '1,64', size: '30M' };
const quick = { runs: '1', machines: '50', dhcpSeconds: '1', clients: '1,4', size: '1M' };

/** Undefined: only help was asked for. Throws BenchError `usage`. */
export function parseOptions(argv: readonly string[]): Options | undefined {
  const values = parseValues(argv, optionTypes);
  if (values.help) return undefined;
  const unlessGiven = values.quick ? quick : usual;
  return {
    parts: values.only.split(',').map((text) => parseOneOf('--only', text, parts)),
    runs: parseCount('--runs', values.runs ?? unlessGiven.runs, 100),
    machines: parseCount('--machines', values.machines ?? unlessGiven.machines, mostMachines),
    dhcpSeconds: parseCount(
      '--dhcp-seconds',
      values['dhcp-seconds'] ?? unlessGiven.dhcpSeconds,
      600,
    ),
    clients: (values.clients ?? unlessGiven.clients)
      .split(',')
      // The frontend serves one address no more than 128 at once.
      .map((text) => parseCount('--clients', text, 128)),
    initrdBytes: parseSizeBytes(values['initrd-size'] ?? unlessGiven.size),
    json: values.json,
    save: !values['no-save'] && !values.quick,
    waitQuietSeconds: Number(values['wait-quiet']) || 0,
  };
}
