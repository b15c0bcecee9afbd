import type { networkInterfaces } from 'node:os';
import type { Config } from '../config.ts';
import { FrontendError } from '../errors.ts';
import { createNodes } from '../nodes/main.ts';
import type { MachineNode } from '../nodes/types.ts';
import { type DhcpExport, type DhcpExportFormat, exportWithWarnings } from './export.ts';
import { createDhcpSettings } from './settings.ts';

/**
 * What makes another server do as the section `dhcp:` and the machines' database say, whatever
 * `dhcp.mode` is. Throws FrontendError `bad-dhcp` that says what is missing or wrong.
 */
export async function exportDhcp(
  format: DhcpExportFormat,
  { dhcp, http, state }: Pick<Config, 'dhcp' | 'http' | 'state'>,
  options: { readonly interfaces?: typeof networkInterfaces } = {},
): Promise<DhcpExport> {
  const nodes = await createNodes({ state }).list();
  const missing = findMissing(dhcp, nodes);
  if (missing.length > 0) throw new FrontendError('bad-dhcp', missing.join('\n'));
  // The other server does all of it, also where this one would be a proxy.
  const config = { ...dhcp, mode: 'server' } as const;
  const settings = createDhcpSettings(config, { ...options, httpPort: http.listen.port });
  return exportWithWarnings(format, { settings, config: dhcp, nodes });
}

function findMissing(
  { interface: name, range, networks }: Config['dhcp'],
  nodes: readonly MachineNode[],
): readonly string[] {
  const ranges = [range, ...networks.map((network) => network.range)];
  const isForNobody =
    ranges.every((each) => each === undefined) &&
    nodes.every(({ address }) => address === undefined);
  return [
    ...(name === ''
      ? ['dhcp.interface: expected the interface to export for, such as eth1, got none']
      : []),
    ...(isForNobody
      ? ['dhcp.range: expected a range such as 10.1.200.1-10.1.250.254, or nodes with addresses']
      : []),
  ];
}
