import { clientKinds } from '../defaults.ts';
import type { DhcpExportFormat } from '../export.ts';
import { networkOptions } from '../network-options.ts';
import { nodeOptions } from '../node-options.ts';
import type { BootFileRule, DhcpSettings } from '../types.ts';
import { longestDnsmasqOption } from './dnsmasq-option.ts';
import type { ExportDocument } from './document.ts';

const servers = { dnsmasq: 'dnsmasq', isc: 'dhcpd', kea: 'Kea' } as const;

/**
 * What the other server's configuration does not say though the settings do, a line each. Rules
 * that are not the configuration's own are passed over: they are the frontend's fallbacks.
 */
export function findExportWarnings(
  format: DhcpExportFormat,
  document: ExportDocument,
  config: { readonly probe: boolean; readonly bootFiles: readonly BootFileRule[] },
): readonly string[] {
  const { settings, strays, unsaid, networks, guests } = document;
  const server = servers[format];
  const prefixes = settings.networks.map(({ prefix }) => prefix).join(', ');
  const withClasses = [...networks.flatMap(({ nodes }) => nodes), ...guests].filter(
    ({ clientClasses }) => clientClasses !== undefined,
  );
  return [
    ...strays.map(
      ({ name, address }) =>
        `${name} is left out: expected an address in ${prefixes}, got ${address ?? 'none'}`,
    ),
    ...unsaid
      .filter(({ at }) => at < config.bootFiles.length)
      .map(({ at, why }) => `dhcp.boot-files[${at}] is left out: ${why}`),
    ...(hasAllKinds(settings) ? [] : [`dhcp.classes is left out: ${server} answers every client`]),
    ...withClasses.map(
      ({ name }) => `the client classes of ${name} are left out: ${server} answers it always`,
    ),
    ...(format === 'dnsmasq' ? findLongOptions(document) : []),
    ...(settings.unknown === 'discover'
      ? [`dhcp.unknown: ${server} ignores unknown machines, and remembers none for 'discover'`]
      : []),
    ...(config.probe || format === 'kea'
      ? []
      : [`dhcp.probe is left out: ${server} asks whether an address is in use all the same`]),
    ...(format === 'kea' && hasBootpRule(config.bootFiles)
      ? ['dhcp.boot-files: Kea answers BOOTP only with its hook library libdhcp_bootp.so']
      : []),
  ];
}

function findLongOptions({ settings, networks, guests }: ExportDocument): readonly string[] {
  const nodes = [...networks.flatMap((each) => each.nodes), ...guests];
  const owners = [
    ...settings.networks.map((each) => ({ name: each.prefix, options: networkOptions(each) })),
    ...nodes.map((node) => ({ name: node.name, options: nodeOptions(node) })),
  ];
  const limit = longestDnsmasqOption;
  return owners.flatMap(({ name, options }) => {
    const long = [...options].filter(([, bytes]) => bytes.length > limit);
    return long.map(
      ([code, bytes]) =>
        `option ${code} of ${name} is left out: dnsmasq takes at most ${limit} bytes, got ${bytes.length}`,
    );
  });
}

function hasAllKinds({ clientClasses }: DhcpSettings): boolean {
  return clientKinds.every((kind) => clientClasses.includes(kind));
}

function hasBootpRule(rules: readonly BootFileRule[]): boolean {
  return rules.some(({ clientKind }) => clientKind === 'bootp');
}
