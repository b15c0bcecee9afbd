import type { MachineNode } from '../../nodes/types.ts';
import { clientKinds } from '../defaults.ts';
import { networkOptions } from '../network-options.ts';
import { nodeOptions } from '../node-options.ts';
import type { BootFileRule } from '../types.ts';
import { longestDnsmasqOption } from './dnsmasq-option.ts';
import type { ExportDocument } from './document.ts';

const shownNames = 5;
const servers = { dnsmasq: 'dnsmasq', isc: 'dhcpd', kea: 'Kea' } as const;

type Export = {
  readonly format: keyof typeof servers;
  readonly document: ExportDocument;
  /** Where the settings come from. */
  readonly config: { readonly probe: boolean; readonly bootFiles: readonly BootFileRule[] };
};

/** What the other server's configuration does not say though the settings do, a line each. */
export function findExportWarnings(asked: Export): readonly string[] {
  const { document, format } = asked;
  return [
    ...findStrays(document),
    ...findUnsaidRules(asked),
    ...findUnsaidClasses(document, servers[format]),
    ...(format === 'dnsmasq' ? findLongOptions(document) : []),
    ...findUnsaidPolicies(asked),
  ];
}

function findStrays({ settings, strays }: ExportDocument): readonly string[] {
  const prefixes = settings.networks.map(({ prefix }) => prefix).join(', ');
  return strays.map(
    ({ name, address }) =>
      `${name} is left out: expected an address in ${prefixes}, got ${address ?? 'none'}`,
  );
}

/** Rules that are not the configuration's own are passed over: they are the usual fallbacks. */
function findUnsaidRules({ format, document, config }: Export): readonly string[] {
  const own = document.unsaid.filter(({ at }) => at < config.bootFiles.length);
  const hasBootp = config.bootFiles.some(({ clientKind }) => clientKind === 'bootp');
  return [
    ...own.map(({ at, why }) => `dhcp.boot-files[${at}] is left out: ${why}`),
    ...(format === 'kea' && hasBootp
      ? ['dhcp.boot-files: Kea answers BOOTP only with its hook library libdhcp_bootp.so']
      : []),
  ];
}

function findUnsaidClasses(document: ExportDocument, server: string): readonly string[] {
  const { clientClasses } = document.settings;
  const hasAll = clientKinds.every((kind) => clientClasses.includes(kind));
  const picky = nodesOf(document).filter((node) => node.clientClasses !== undefined);
  const names = picky.slice(0, shownNames).map(({ name }) => name);
  const rest = picky.length > names.length ? ` and ${picky.length - names.length} more` : '';
  return [
    ...(hasAll ? [] : [`dhcp.classes is left out: ${server} answers every client`]),
    ...(picky.length === 0
      ? []
      : [`the client classes of ${names.join(', ')}${rest} are left out: ${server} has none`]),
  ];
}

function findUnsaidPolicies({ format, document, config }: Export): readonly string[] {
  const server = servers[format];
  return [
    ...(document.settings.unknown === 'discover'
      ? [`dhcp.unknown: ${server} ignores unknown machines, and remembers none for 'discover'`]
      : []),
    ...(config.probe || format === 'kea'
      ? []
      : [`dhcp.probe is left out: ${server} asks whether an address is in use all the same`]),
  ];
}

function nodesOf({ networks, guests }: ExportDocument): readonly MachineNode[] {
  return [...networks.flatMap(({ nodes }) => nodes), ...guests];
}

function findLongOptions(document: ExportDocument): readonly string[] {
  const { networks } = document.settings;
  const owners = [
    ...networks.map((each) => ({ name: each.prefix, options: networkOptions(each) })),
    ...nodesOf(document).map((node) => ({ name: node.name, options: nodeOptions(node) })),
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
