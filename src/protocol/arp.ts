import { addressBits, formatAddress, formatMac, macBytes } from './dhcp/address.ts';

/** What one machine says of itself on an Ethernet: where its IPv4 address is (RFC 826). */
export type ArpSender = { readonly address: string; readonly mac: string };

const ethernet = 1;
const ipv4 = 0x0800;
const macLength = 6;
const addressLength = 4;
const packetBytes = 28;
const request = 1;
const reply = 2;

/** Asks everybody on the wire who has `target`. Throws AddressError. */
export function encodeArpRequest(sender: ArpSender, target: string): Buffer {
  const bytes = Buffer.alloc(packetBytes);
  bytes.writeUInt16BE(ethernet, 0);
  bytes.writeUInt16BE(ipv4, 2);
  bytes.writeUInt8(macLength, 4);
  bytes.writeUInt8(addressLength, 5);
  bytes.writeUInt16BE(request, 6);
  macBytes(sender.mac).copy(bytes, 8, 0, macLength);
  bytes.writeUInt32BE(addressBits(sender.address), 14);
  bytes.writeUInt32BE(addressBits(target), 24);
  return bytes;
}

/**
 * Who sent an ARP packet, with the address that it says is its own; `0.0.0.0` while it only asks
 * whether one is free (RFC 5227). Undefined for what is no ARP of Ethernet and IPv4.
 */
export function readArpSender(bytes: Buffer): ArpSender | undefined {
  if (bytes.length < packetBytes) return undefined;
  const isOurs =
    bytes.readUInt16BE(0) === ethernet &&
    bytes.readUInt16BE(2) === ipv4 &&
    bytes.readUInt8(4) === macLength &&
    bytes.readUInt8(5) === addressLength;
  const operation = bytes.readUInt16BE(6);
  if (!isOurs || (operation !== request && operation !== reply)) return undefined;
  return {
    mac: formatMac(bytes.subarray(8, 8 + macLength)),
    address: formatAddress(bytes.readUInt32BE(14)),
  };
}
