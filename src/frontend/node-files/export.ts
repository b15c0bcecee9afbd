import type { AttributeLayers } from '../attributes/layers.ts';
import type { MachineNode } from '../nodes/types.ts';
import { renderNodesCsv } from './csv.ts';
import { renderDnsmasqHosts, renderEthers, renderHosts, renderIscHosts } from './exported-hosts.ts';
import type { ExportedNode, NodeFileFormat } from './types.ts';
import { renderNodesYaml } from './yaml.ts';

export type ExportReport = {
  readonly text: string;
  /** What is not in it, in words. */
  readonly warnings: readonly string[];
};

type ExportInput = {
  readonly format: NodeFileFormat;
  readonly layers: AttributeLayers;
  /** Names of attributes that are secret. */
  readonly secrets: ReadonlySet<string>;
};

const renderers: Readonly<Record<NodeFileFormat, (nodes: readonly ExportedNode[]) => string>> = {
  csv: renderNodesCsv,
  yaml: renderNodesYaml,
  hosts: renderHosts,
  ethers: renderEthers,
  dnsmasq: renderDnsmasqHosts,
  isc: renderIscHosts,
};

/** Nodes as a file that `scree node import` reads, without secrets and without their boot state. */
export function exportNodes(
  nodes: readonly MachineNode[],
  { format, layers, secrets }: ExportInput,
): ExportReport {
  let secretCount = 0;
  const exported = nodes.map((node): ExportedNode => {
    const own = [...layers.of({ kind: 'node', target: node.name }).values()];
    const shown = own.filter(({ name }) => !secrets.has(name));
    secretCount += own.length - shown.length;
    return { node, attributes: new Map(shown.map(({ name, value }) => [name, value])) };
  });
  const isTable = format === 'csv' || format === 'yaml';
  const unsaid = format === 'hosts' ? nodes.filter(({ address }) => address === undefined) : [];
  const warnings = [
    ...(isTable && secretCount > 0 ? [`left out secret values of attributes: ${secretCount}`] : []),
    ...(unsaid.length > 0 ? [`left out nodes without an address: ${unsaid.length}`] : []),
  ];
  return { text: renderers[format](exported), warnings };
}
