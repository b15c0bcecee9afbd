import { dhcpOptions, readAddress } from '../../protocol/dhcp/options.ts';
import { isLive } from './lease.ts';
import { isInNetwork, isInRange } from './network.ts';
import type { Asking, IgnoreReason } from './types.ts';

export type AddressChoice =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'none'; readonly reason: IgnoreReason; readonly text: string };

/**
 * The address to offer: the node's own; the one that the client has, or last had; the one that it
 * asks for; any that is free (RFC 2131, 4.3.1).
 */
export function chooseAddress(asking: Asking): AddressChoice {
  const { packet, network, holder, leases, nowMs } = asking;
  const reservation = reservationOf(asking);
  if (reservation !== undefined && isAvailable(asking, reservation)) return chosen(reservation);
  if (network.range === undefined) return noRange(asking, reservation);
  const ofOld = leases.of(holder).map(({ address }) => address);
  const asked = readAddress(packet.options, dhcpOptions.requestedAddress);
  const wanted = [...ofOld, ...(asked === undefined ? [] : [asked])];
  const isAllowed = (address: string) => isForAnyone(asking, address);
  const address =
    wanted.find((each) => isAllowed(each) && isAvailable(asking, each)) ??
    leases.pick({ range: network.range, holder, nowMs, isAllowed });
  if (address !== undefined) return chosen(address);
  const { first, last } = network.range;
  return none('range-exhausted', `all addresses from ${first} to ${last} are taken`);
}

/** Whether this client may go on with an address that it names. */
export type Standing =
  /** It may. */
  | 'granted'
  /** The address is this frontend's, and it belongs to somebody else, or the client has another. */
  | 'refused'
  /** Nothing is known of it here: it may be another server's. */
  | 'foreign';

export function standingOf(asking: Asking, address: string): Standing {
  const { leases, nodes, node, network, holder, nowMs } = asking;
  const reservation = reservationOf(asking);
  if (reservation !== undefined && isAvailable(asking, reservation)) {
    return address === reservation ? 'granted' : 'refused';
  }
  if (isForAnyone(asking, address)) return mayTake(asking, address) ? 'granted' : 'refused';
  const other = nodes.byAddress(address);
  if (other !== undefined && other !== node) return 'refused';
  const ofOld = leases.of(holder).filter((each) => isInNetwork(network, each.address));
  const known = [leases.at(address), ...ofOld];
  return known.some((each) => isLive(each, nowMs)) ? 'refused' : 'foreign';
}

/** A client has one address in each network: no other while that one's lease runs. */
function mayTake(asking: Asking, address: string): boolean {
  const { leases, holder, network, nowMs } = asking;
  if (!isAvailable(asking, address)) return false;
  if (isLive(leases.at(address), nowMs)) return true;
  const others = leases.of(holder).filter((each) => isInNetwork(network, each.address));
  return !others.some((each) => isLive(each, nowMs) && each.state !== 'declined');
}

/** The node's address, if it is one of the network that the node is in. */
export function reservationOf({ node, network, settings }: Asking): string | undefined {
  const address = node?.address;
  if (address === undefined || address === settings.address) return undefined;
  return isInNetwork(network, address) ? address : undefined;
}

/** False while somebody else has it; the interfaces of one node count as one. */
export function isAvailable({ leases, holder, node, nowMs }: Asking, address: string): boolean {
  const lease = leases.at(address);
  if (!isLive(lease, nowMs)) return true;
  if (lease.state === 'declined') return false;
  const isOwnReservation = address === node?.address && node.macs.includes(lease.mac);
  return lease.holder === holder || isOwnReservation;
}

/** True for an address of the range that is nobody's reservation. */
function isForAnyone({ network, nodes, settings }: Asking, address: string): boolean {
  if (!isInRange(network, address) || !isInNetwork(network, address)) return false;
  if (address === settings.address || network.routers.includes(address)) return false;
  return nodes.byAddress(address) === undefined;
}

function noRange({ network, node }: Asking, reservation: string | undefined): AddressChoice {
  if (reservation !== undefined) {
    return none('reservation-held', `another machine uses ${reservation} of node ${node?.name}`);
  }
  const who = node === undefined ? 'an unknown machine' : `node ${node.name}`;
  return none('no-range', `${who} has no address in ${network.prefix}, which has no range`);
}

function chosen(address: string): AddressChoice {
  return { kind: 'address', address };
}

function none(reason: IgnoreReason, text: string): AddressChoice {
  return { kind: 'none', reason, text };
}
