import { macBytes } from './dhcp/address.ts';

/** The usual UDP port, though cards listen to any. */
export const wakeOnLanPort = 9;

/**
 * AMD's magic packet: what a network card waits for while its machine is off. Six times 0xff, then
 * the card's address 16 times. Throws AddressError `bad-mac`.
 */
export function encodeMagicPacket(mac: string): Buffer {
  const address = macBytes(mac);
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => address)]);
}
