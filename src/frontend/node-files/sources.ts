import { basename } from 'node:path';
import { readCsv } from './csv.ts';
import { readDnsmasq } from './dnsmasq.ts';
import { NodeFileError } from './errors.ts';
import { readEthers, readHosts } from './ethers.ts';
import { joinHosts } from './host-lines.ts';
import { readIsc } from './isc.ts';
import { type HostLines, importFormats, type NodeEntries, type NodeFileFormat } from './types.ts';
import { readNodesYaml } from './yaml.ts';

/** A file of machines; `name` is what problems call it. */
export type NodeSource = {
  readonly name: string;
  readonly text: string;
  /** Undefined: what its name says. */
  readonly format: NodeFileFormat | undefined;
};

const usualNames: readonly (readonly [RegExp, NodeFileFormat])[] = [
  [/\.csv$/, 'csv'],
  [/\.ya?ml$/, 'yaml'],
  [/^ethers|\.ethers$/, 'ethers'],
  [/^hosts|\.hosts$/, 'hosts'],
  [/dnsmasq/, 'dnsmasq'],
  [/^dhcpd?.*\.conf$|\.isc$/, 'isc'],
];

/** All that some files say. Throws NodeFileError `unknown-format`. */
export function readSources(sources: readonly NodeSource[]): NodeEntries {
  const tables: NodeEntries[] = [];
  const hosts: HostLines[] = [];
  for (const { name, text, format = formatOf(name) } of sources) {
    if (format === 'csv') tables.push(readCsv(text, name));
    else if (format === 'yaml') tables.push(readNodesYaml(text, name));
    else hosts.push(hostReaders[format](text, name));
  }
  const parts = [...tables, joinHosts(hosts)];
  return {
    entries: parts.flatMap(({ entries }) => entries),
    problems: parts.flatMap(({ problems }) => problems),
    skippedCount: parts.reduce((sum, each) => sum + each.skippedCount, 0),
  };
}

const hostReaders = {
  dnsmasq: readDnsmasq,
  isc: readIsc,
  ethers: readEthers,
  hosts: readHosts,
} as const;

function formatOf(path: string): NodeFileFormat {
  const name = basename(path);
  const found = usualNames.find(([form]) => form.test(name))?.[1];
  if (found !== undefined) return found;
  const message = `expected --format (${importFormats.join(', ')}) or a name that says it`;
  throw new NodeFileError('unknown-format', `${message}, such as nodes.csv, got '${name}'`);
}
