import { parseAddress } from '../../protocol/dhcp/address.ts';
import { boundsOf, isInNetwork, networkOf } from './network.ts';
import { readPrefix } from './prefix.ts';
import type { AddressRange, DhcpNetwork, DhcpSettings } from './types.ts';

/** What keeps settings from being used, in words. */
export type SettingsProblem = {
  /** The keys of the configuration that lead to it. */
  readonly path: readonly string[];
  readonly message: string;
};

/** A network and where it stands in the configuration. */
export type PlacedNetwork = { readonly network: DhcpNetwork; readonly path: readonly string[] };

/** More would take long to search, and no rack has as many. */
const longestRange = 262_144;

/** The first network is that of the section `dhcp:` itself, the others are its `networks:`. */
export function findSettingsProblems(settings: DhcpSettings): readonly SettingsProblem[] {
  const { address, networks } = settings;
  const placed = networks.map((network, at) => ({
    network,
    path: at === 0 ? ['dhcp'] : ['dhcp', 'networks', String(at - 1)],
  }));
  const problems = findNetworkProblems(placed);
  if (problems.length > 0 || networkOf(address, settings) !== undefined) return problems;
  const prefixes = networks.map(({ prefix }) => prefix).join(', ') || 'none';
  const message = `expected a network that holds ${address}, got ${prefixes}`;
  return [{ path: ['dhcp', 'interface'], message }];
}

/** What is wrong with each of these networks, or with two of them together. */
export function findNetworkProblems(all: readonly PlacedNetwork[]): readonly SettingsProblem[] {
  const unreadable = all.filter(({ network }) => readPrefix(network.prefix) === undefined);
  if (unreadable.length > 0) {
    return unreadable.map(({ network: { prefix }, path }) => ({
      path: [...path, 'network'],
      message: `expected a network as 10.1.0.0/16, got '${prefix}'`,
    }));
  }
  const ofEach = all.flatMap(({ network, path }) =>
    findProblems(network).map(([key, message]) => ({ path: [...path, key], message })),
  );
  return [...ofEach, ...findOverlaps(all)];
}

type Found = readonly (readonly [key: string, message: string])[];

function findProblems(network: DhcpNetwork): Found {
  const { prefix, range, routers, staticRoutes, leaseSeconds } = network;
  const outside = routers.filter((router) => !isInNetwork(network, router));
  // 0.0.0.0: on the link itself.
  const ways = staticRoutes.map(({ router }) => router).filter((router) => router !== '0.0.0.0');
  const lost = new Set(ways.filter((router) => !isInNetwork(network, router)));
  return [
    ...outside.map((router) => ['router', `expected routers in ${prefix}, got ${router}`] as const),
    ...[...lost].map(
      (router) => ['routes', `expected routes by way of ${prefix}, got ${router}`] as const,
    ),
    ...(range === undefined ? [] : findRangeProblems(network, range)),
    ...(leaseSeconds >= 120
      ? []
      : [['lease', `expected a lease of 120 s or more, got ${leaseSeconds}`] as const]),
  ];
}

function findRangeProblems(network: DhcpNetwork, { first, last }: AddressRange): Found {
  const shown = `${first}-${last}`;
  if (!isInNetwork(network, first) || !isInNetwork(network, last)) {
    return [['range', `expected a range of hosts in ${network.prefix}, got ${shown}`]];
  }
  const sizeCount = (parseAddress(last) ?? 0) - (parseAddress(first) ?? 0) + 1;
  if (sizeCount >= 1 && sizeCount <= longestRange) return [];
  return [['range', `expected a range of 1 to ${longestRange} addresses, got ${shown}`]];
}

/** Each network against the widest before it, in the order of their addresses. */
function findOverlaps(all: readonly PlacedNetwork[]): readonly SettingsProblem[] {
  const sorted = all
    .map((each, at) => ({ ...each, at, bounds: boundsOf(each.network) }))
    .toSorted((a, b) => a.bounds.first - b.bounds.first || a.bounds.bits - b.bounds.bits);
  let [widest] = sorted;
  return sorted.slice(1).flatMap((next) => {
    const before = widest;
    if (before === undefined || next.bounds.first > before.bounds.last) {
      widest = next;
      return [];
    }
    const later = next.at > before.at ? next : before;
    const prefixes = `${before.network.prefix} and ${next.network.prefix}`;
    const message = `expected networks apart from each other, got ${prefixes}`;
    return [{ path: [...later.path, 'network'], message }];
  });
}
