import { networkInterfaces } from 'node:os';
import { parseAddress } from '../../protocol/dhcp/address.ts';
import { readArpTable } from '../../runtime/arp-table.ts';

/** As many addresses one machine may have; what answers for more is a router with proxy ARP. */
const mostOfMachine = 8;

export type OwnWireSources = {
  readonly readTable?: typeof readArpTable;
  readonly interfaces?: typeof networkInterfaces;
};

/**
 * Which machine is at which IPv4 address, as `readArpTable`, without what routers answer for others:
 * only of the networks of this machine's interfaces (or the one that is named), and no MAC address
 * that is at more than eight addresses.
 */
export function readOwnWire(
  interfaceName: string | undefined,
  { readTable = readArpTable, interfaces = networkInterfaces }: OwnWireSources = {},
): ReadonlyMap<string, string> {
  const isOwn = inNetworksOf(interfaceName, interfaces());
  const counts = new Map<string, number>();
  const table = [...readTable(interfaceName)];
  for (const [, mac] of table) counts.set(mac, (counts.get(mac) ?? 0) + 1);
  const isMachine = (mac: string) => (counts.get(mac) ?? 0) <= mostOfMachine;
  return new Map(table.filter(([address, mac]) => isMachine(mac) && isOwn(address)));
}

function inNetworksOf(
  interfaceName: string | undefined,
  interfaces: ReturnType<typeof networkInterfaces>,
): (address: string) => boolean {
  const networks = Object.entries(interfaces)
    // `eth0:1` is a further address of eth0.
    .filter(([name]) => interfaceName === undefined || name.split(':')[0] === interfaceName)
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address, netmask }) => ({ mask: bitsOf(netmask), own: bitsOf(address) }));
  return (address) => {
    const bits = bitsOf(address);
    return networks.some(({ mask, own }) => ((bits ^ own) & mask) === 0);
  };
}

function bitsOf(address: string): number {
  return parseAddress(address) ?? 0;
}
