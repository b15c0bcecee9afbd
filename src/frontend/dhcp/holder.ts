import { dhcpOptions } from '../../protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';

/**
 * Who a lease belongs to: the MAC address, so that firmware, loader, installer and system of one
 * machine keep one address, whatever client identifier (option 61) each of them makes up. Only a
 * client without a MAC address is told by its identifier. Undefined: it cannot be told at all.
 */
export function holderOf({ mac, hardwareType, options }: DhcpPacket): string | undefined {
  if (!/^[0:]+$/.test(mac)) return isGroupAddress(mac, hardwareType) ? undefined : `mac:${mac}`;
  const clientId = options.get(dhcpOptions.clientId);
  return clientId === undefined ? undefined : `id:${clientId.toString('hex')}`;
}

function isGroupAddress(mac: string, hardwareType: number): boolean {
  const ethernet = 1;
  return hardwareType === ethernet && (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1;
}
