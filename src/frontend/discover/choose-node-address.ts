import { addressBits, formatAddress } from '../../protocol/dhcp/address.ts';
import { isLive, type LeaseView } from '../dhcp/lease.ts';
import { boundsOf, isInNetwork, isInRange } from '../dhcp/network.ts';
import type { DhcpNetwork, NodeLookup } from '../dhcp/types.ts';

export type NodeAddressRequest = {
  readonly network: DhcpNetwork;
  /** Where counting begins; undefined: at the network's first host, past the range of leases. */
  readonly from: string | undefined;
  readonly nodes: Pick<NodeLookup, 'byAddress'>;
  readonly leases: Pick<LeaseView, 'at'>;
  /** Whose lease of an address does not count. */
  readonly holder: string;
  /** Those that are promised to others, the frontend's own, and where they are kept from. */
  readonly kept: ReadonlySet<string>;
  readonly nowMs: number;
};

/** The lowest address that nobody has, for a node to keep; undefined: there is none. */
export function chooseNodeAddress(request: NodeAddressRequest): string | undefined {
  const { network, from } = request;
  const { first, last } = boundsOf(network);
  let at = from === undefined ? first : addressBits(from);
  while (at <= last) {
    const address = formatAddress(at);
    if (from === undefined && isInRange(network, address)) {
      at = addressBits(network.range?.last ?? address) + 1;
    } else if (isFree(request, address)) return address;
    else at += 1;
  }
  return undefined;
}

function isFree(request: NodeAddressRequest, address: string): boolean {
  const { network, nodes, leases, holder, kept, nowMs } = request;
  if (!isInNetwork(network, address) || isServer(network, address)) return false;
  if (kept.has(address) || nodes.byAddress(address) !== undefined) return false;
  const lease = leases.at(address);
  return !isLive(lease, nowMs) || (lease.holder === holder && lease.state !== 'declined');
}

/** What clients of the network are told of is there, even where it does not answer now. */
function isServer({ routers, dns, ntp, staticRoutes }: DhcpNetwork, address: string): boolean {
  const servers = [...routers, ...dns, ...ntp, ...staticRoutes.map(({ router }) => router)];
  return servers.includes(address);
}
