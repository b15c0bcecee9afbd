import { parseAddress } from '../../protocol/dhcp/address.ts';
import { boundsOf, isInNetwork, networkOf } from './network.ts';
import { readPrefix } from './prefix.ts';
import type { AddressRange, DhcpNetwork, DhcpSettings } from './types.ts';

/** More would take long to search, and no rack has as many. */
const longestRange = 262_144;

/** What keeps these settings from being used, in words; empty: nothing. */
export function findSettingsProblems(settings: DhcpSettings): readonly string[] {
  const { address, networks } = settings;
  const unreadable = networks.filter(({ prefix }) => readPrefix(prefix) === undefined);
  if (unreadable.length > 0) {
    return unreadable.map(({ prefix }) => `expected a network as 10.1.0.0/16, got '${prefix}'`);
  }
  const home = networkOf(address, settings);
  const prefixes = networks.map(({ prefix }) => prefix).join(', ') || 'none';
  return [
    ...(home === undefined ? [`expected a network that holds ${address}, got ${prefixes}`] : []),
    ...networks.flatMap(findNetworkProblems),
    ...findOverlaps(networks),
  ];
}

function findNetworkProblems(network: DhcpNetwork): readonly string[] {
  const { prefix, range, routers, leaseSeconds } = network;
  const outside = routers.filter((router) => !isInNetwork(network, router));
  return [
    ...outside.map((router) => `expected routers in ${prefix}, got ${router}`),
    ...(range === undefined ? [] : findRangeProblems(network, range)),
    ...(leaseSeconds >= 120 ? [] : [`expected a lease of 120 s or more, got ${leaseSeconds}`]),
  ];
}

function findRangeProblems(network: DhcpNetwork, { first, last }: AddressRange): readonly string[] {
  const shown = `${first}-${last}`;
  if (!isInNetwork(network, first) || !isInNetwork(network, last)) {
    return [`expected a range of hosts in ${network.prefix}, got ${shown}`];
  }
  const sizeCount = (parseAddress(last) ?? 0) - (parseAddress(first) ?? 0) + 1;
  if (sizeCount >= 1 && sizeCount <= longestRange) return [];
  return [`expected a range of 1 to ${longestRange} addresses, got ${shown}`];
}

function findOverlaps(networks: readonly DhcpNetwork[]): readonly string[] {
  const sorted = networks.toSorted((a, b) => boundsOf(a).first - boundsOf(b).first);
  return sorted.flatMap((network, at) => {
    const next = sorted[at + 1];
    if (next === undefined || boundsOf(next).first > boundsOf(network).last) return [];
    return [`expected networks apart from each other, got ${network.prefix} and ${next.prefix}`];
  });
}
