import type { DhcpOptions } from '../protocol/dhcp/options.ts';
import { readOptions } from './config-options.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ConfigDocument } from './config-schema.ts';
import { unknownPlaceholder } from './dhcp/boot-file.ts';
import type { DhcpConfig } from './dhcp/settings.ts';
import { findNetworkProblems } from './dhcp/settings-problems.ts';
import type { BootFileRule, DhcpNetwork } from './dhcp/types.ts';

type Section = ConfigDocument['dhcp'];
type NetworkItem = Section['networks'][number];
type RuleItem = Section['boot-files'][number];

/**
 * The section `dhcp:` as the server wants it, and what is wrong with what its values say together.
 * What depends on the interface is seen when the server starts.
 */
export function readDhcp(section: Section): {
  readonly dhcp: DhcpConfig;
  readonly problems: readonly ConfigProblem[];
} {
  const { lease, 'roles-without-boot': rolesWithoutBoot, 'boot-files': rules, ...rest } = section;
  const own = readOptions(section, ['dhcp', 'options']);
  const relayed = section.networks.map((item, at) => {
    const path = ['dhcp', 'networks', String(at)];
    const { options, problems } = readOptions(item, [...path, 'options']);
    return { path, problems, network: networkFrom(item, options, section) };
  });
  return {
    dhcp: {
      ...rest,
      range: rangeFrom(section),
      leaseSeconds: lease,
      options: own.options,
      rolesWithoutBoot,
      networks: relayed.map(({ network }) => network),
      bootFiles: rules.map(ruleFrom),
    },
    problems: [
      ...own.problems,
      ...relayed.flatMap(({ problems }) => problems),
      ...findNetworkProblems(relayed),
      ...rules.flatMap(findRuleProblems),
    ],
  };
}

function networkFrom(item: NetworkItem, options: DhcpOptions, section: Section): DhcpNetwork {
  const domain = item.domain ?? section.domain;
  return {
    prefix: item.network,
    range: rangeFrom(item),
    routers: item.router,
    dns: item.dns ?? section.dns,
    domain: domain === '' ? undefined : domain,
    ntp: item.ntp ?? section.ntp,
    mtu: item.mtu === 0 ? undefined : item.mtu,
    staticRoutes: item.routes,
    options,
    leaseSeconds: item.lease ?? section.lease,
  };
}

function rangeFrom({ range }: Pick<NetworkItem, 'range'>): DhcpNetwork['range'] {
  return range === 'none' ? undefined : range;
}

function ruleFrom(item: RuleItem): BootFileRule {
  const { architecture, kind, node, file, server } = item;
  const { 'vendor-class': vendorClass, 'user-class': userClass } = item;
  return {
    filename: file,
    ...(architecture === undefined ? {} : { architectures: architecture }),
    ...(kind === undefined ? {} : { clientKind: kind }),
    ...(vendorClass === undefined ? {} : { vendorClass }),
    ...(userClass === undefined ? {} : { userClass }),
    ...(node === undefined ? {} : { node }),
    ...(server === undefined ? {} : { nextServer: server }),
  };
}

function findRuleProblems({ file }: RuleItem, at: number): readonly ConfigProblem[] {
  const unknown = unknownPlaceholder(file);
  if (unknown === undefined) return [];
  const path = ['dhcp', 'boot-files', String(at), 'file'];
  return [{ path, message: unknown }];
}
