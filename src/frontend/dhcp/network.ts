import { parseAddress } from '../../protocol/dhcp/address.ts';
import { dhcpOptions, readAddress } from '../../protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';
import { isHostOf, type PrefixBounds, readPrefix } from './prefix.ts';
import type { DhcpNetwork, DhcpSettings } from './types.ts';

const none = '0.0.0.0';
const noBounds: PrefixBounds = { first: 1, last: 0, bits: 32, mask: none };
const known = new WeakMap<DhcpNetwork, PrefixBounds>();

export type NetworkChoice =
  | { readonly kind: 'network'; readonly network: DhcpNetwork }
  | { readonly kind: 'none'; readonly reason: 'bad-relay' | 'no-network'; readonly text: string };

/**
 * The network that a client is in: its relay agent's (or the one that the relay names, RFC 3527
 * and RFC 3011), that of the address it already has (`0.0.0.0`: none), or the frontend's own.
 */
export function chooseNetwork(
  packet: DhcpPacket,
  settings: DhcpSettings,
  currentAddress: string,
): NetworkChoice {
  const { giaddr } = packet;
  if (giaddr === none) {
    const address = currentAddress === none ? settings.address : currentAddress;
    const local = networkOf(address, settings);
    return local === undefined ? noNetwork(address) : { kind: 'network', network: local };
  }
  const relay = networkOf(giaddr, settings);
  if (relay === undefined) return noNetwork(giaddr);
  if (giaddr === settings.address) {
    const text = `a relay agent with the frontend's own address ${giaddr}`;
    return { kind: 'none', reason: 'bad-relay', text };
  }
  const selected = selectedSubnet(packet);
  const network = selected === undefined ? relay : networkOf(selected, settings);
  return network === undefined ? noNetwork(selected ?? giaddr) : { kind: 'network', network };
}

/** The network in which a host may have this address. */
export function networkOf(address: string, settings: DhcpSettings): DhcpNetwork | undefined {
  return settings.networks.find((network) => isInNetwork(network, address));
}

/** True for an address that a host in this network may have. */
export function isInNetwork(network: DhcpNetwork, address: string): boolean {
  return isHostOf(boundsOf(network), address);
}

/** True for an address that may be given away without a reservation. */
export function isInRange({ range }: DhcpNetwork, address: string): boolean {
  if (range === undefined) return false;
  const [value, first, last] = [address, range.first, range.last].map(parseAddress);
  if (value === undefined || first === undefined || last === undefined) return false;
  return value >= first && value <= last;
}

export function boundsOf(network: DhcpNetwork): PrefixBounds {
  const bounds = known.get(network) ?? readPrefix(network.prefix) ?? noBounds;
  known.set(network, bounds);
  return bounds;
}

function selectedSubnet({ options }: DhcpPacket): string | undefined {
  const subnetSelection = 118;
  return (
    linkSelection(options.get(dhcpOptions.relayAgent)) ?? readAddress(options, subnetSelection)
  );
}

/** Suboption 5 of the relay agent's information. */
function linkSelection(information: Buffer | undefined): string | undefined {
  let rest = information ?? Buffer.alloc(0);
  while (rest.length >= 2) {
    const [code = 0, length = 0] = rest;
    const value = rest.subarray(2, 2 + length);
    if (code === 5 && value.length === 4) return value.join('.');
    rest = rest.subarray(2 + length);
  }
  return undefined;
}

function noNetwork(address: string): NetworkChoice {
  const text = `no network of the configuration has the address ${address}`;
  return { kind: 'none', reason: 'no-network', text };
}
