import type { DhcpClient } from '../../protocol/dhcp/client.ts';
import { dhcpOptions, messageTypes, readUint8 } from '../../protocol/dhcp/options.ts';
import type { DhcpPacket } from '../../protocol/dhcp/packet.ts';

/**
 * True for a MacOS that runs: it asks for LDAP or NetInfo (95, 112, 113), or for service location
 * (78 and 79); its Startup Disk panel uses Apple's boot class in an INFORM, or without saying
 * which firmware. Firmware does none of this.
 */
export function isInstalledMacos(packet: DhcpPacket, client: DhcpClient): boolean {
  const vendorClass = client.vendorClass ?? '';
  if (vendorClass.startsWith('AAPLBSDPC')) {
    const isInform = readUint8(packet.options, dhcpOptions.messageType) === messageTypes.inform;
    return isInform || !vendorClass.startsWith('AAPLBSDPC/');
  }
  if (vendorClass !== '') return false;
  const asked = packet.options.get(dhcpOptions.parameterList) ?? Buffer.alloc(0);
  const asksFor = (code: number) => asked.includes(code);
  return [95, 112, 113].some(asksFor) || (asksFor(78) && asksFor(79));
}

/** Option 93, or what the vendor class says: `PXEClient:Arch:00007:…`. */
export function architectureOf(client: DhcpClient): number | undefined {
  if (client.architecture !== undefined) return client.architecture;
  const match = /^(?:PXE|HTTP)Client:Arch:(\d{5})(?::|$)/.exec(client.vendorClass ?? '');
  return match === null ? undefined : Number(match[1]);
}

/** One of the classes that it sent (RFC 3004). */
export function hasUserClass({ userClass }: DhcpClient, name: string): boolean {
  return userClass?.split(',').includes(name) === true;
}

/** `name` is a kind, the beginning of a vendor class, or a whole user class. */
export function isOfClass(client: DhcpClient, name: string): boolean {
  if (name === '') return false;
  if (client.kind === name || hasUserClass(client, name)) return true;
  return client.vendorClass?.startsWith(name) === true;
}
