import { formatAddress, parseAddress } from '../../../protocol/dhcp/address.ts';
import type { MachineNode } from '../../nodes/types.ts';
import type { AddressRange, DhcpSettings } from '../types.ts';
import type { NetworkOfExport } from './document.ts';

/** What is left of a network's range for anyone, in order: not nodes', routers', or the server's. */
export function freeRanges(
  { network, nodes }: NetworkOfExport,
  settings: DhcpSettings,
): readonly AddressRange[] {
  if (network.range === undefined) return [];
  const first = parseAddress(network.range.first) ?? 0;
  const last = parseAddress(network.range.last) ?? -1;
  const taken = [...nodes.map(addressOf), ...network.routers, settings.address]
    .map((address) => parseAddress(address ?? '') ?? -1)
    .filter((address) => address >= first && address <= last);
  const ends = [...new Set(taken)].sort((a, b) => a - b);
  const starts = [first, ...ends.map((end) => end + 1)];
  return starts.flatMap((start, at) => {
    const end = (ends[at] ?? last + 1) - 1;
    return start > end ? [] : [{ first: formatAddress(start), last: formatAddress(end) }];
  });
}

function addressOf({ address }: MachineNode): string | undefined {
  return address;
}
