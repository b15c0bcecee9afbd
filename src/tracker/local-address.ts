import { BlockList, isIPv4 } from 'node:net';
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { isLoopback, normalizeAddress } from './address.ts';

export type Interface = Pick<NetworkInterfaceInfo, 'address' | 'cidr' | 'family' | 'internal'>;

/**
 * The address at which a machine knows this one, where a datagram socket that listens on all
 * addresses cannot tell: the one on the asker's own network, else the first that is not loopback.
 */
export function chooseLocalAddress(
  interfaces: readonly Interface[],
  asker: string,
): string | undefined {
  const family = isIPv4(asker) ? 'IPv4' : 'IPv6';
  const ours = interfaces.filter((each) => each.family === family);
  const same = ours.find((each) => each.address === asker || isOnNetwork(each, asker));
  const chosen = same ?? ours.find((each) => !each.internal);
  return normalizeAddress(chosen?.address);
}

/** chooseLocalAddress on this machine's interfaces, which are read again every few seconds. */
export function createLocalAddresses(deps: {
  readonly nowMs: () => number;
}): (asker: string) => string | undefined {
  let interfaces: readonly Interface[] = [];
  let readAtMs = Number.NEGATIVE_INFINITY;
  return (asker) => {
    if (isLoopback(asker)) return asker === '::1' ? '::1' : '127.0.0.1';
    if (deps.nowMs() - readAtMs > rereadMs) {
      interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
      readAtMs = deps.nowMs();
    }
    return chooseLocalAddress(interfaces, asker);
  };
}

const rereadMs = 5_000;

function isOnNetwork({ cidr, family }: Interface, asker: string): boolean {
  const [network, prefix] = cidr?.split('/') ?? [];
  if (network === undefined || prefix === undefined) return false;
  const list = new BlockList();
  const kind = family === 'IPv4' ? 'ipv4' : 'ipv6';
  list.addSubnet(network, Number(prefix), kind);
  return list.check(asker, kind);
}
